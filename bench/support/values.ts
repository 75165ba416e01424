/**
 * Values: the payloads, and what a receiver reads of each so that none is counted unseen.
 */
import type { Counted, Values } from './job.ts';

/** A typical event: what one service tells another. */
export interface Event {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly ts: number;
  readonly ok: boolean;
}

const FIRST_ID = 100_000;
const FILLING = 7;

/** Event number `i`: a new object each, as an application would make it. */
export function event(i: number): Event {
  return {
    id: FIRST_ID + i,
    name: 'resize',
    args: [1, 'abc', true],
    ts: 1_763_700_000_000.5 + i,
    ok: true,
  };
}

/** A Uint8Array to send; beyond its first byte nobody looks at what is in it. */
export function bytes(size: number): Uint8Array {
  return new Uint8Array(size).fill(FILLING);
}

/** What a receiver reads of a Uint8Array: its first byte. */
export function firstByte(value: Uint8Array): number {
  return value[0] ?? 0;
}

/** What is read of value number `i`. */
export function readOf(values: Values, i: number): number {
  if (values === 'bytes') return i & 0xff;
  return values === 'object' ? FIRST_ID + i : FILLING;
}

/** What all that is read comes to, if every value arrives once and as it was sent. */
export function expectedSum(values: Values, { warm, count }: Counted): number {
  let sum = 0;
  for (let i = 0; i < warm + count; i += 1) sum += readOf(values, i);
  return sum;
}

/** The one topic that is published. */
export const TOPIC = 'ticks';
