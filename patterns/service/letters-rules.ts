/**
 * Letters: how a client writes what it asks, and how it finds out what was in a message that has not left. Pure.
 */
import { type Frames, ListReader } from 'brokerless/kit';
import type { ClientCall } from './call-rules.ts';
import { entry, type Letter, readerOf } from './messages.ts';

/** Which contract a client has. */
export interface Greeting {
  /** The name of the contract. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Its hash. */
  readonly hash: string;
  /** The signatures of its methods, in the places by which this client will call them. */
  readonly signatures: readonly string[];
}

/** What a client says first. */
export function writeHello(letter: Letter, greeting: Greeting): void {
  const { name, version, hash, signatures } = greeting;
  const list = letter.add(entry.hello).text(name).text(version).text(hash);
  list.uint(signatures.length);
  for (const signature of signatures) list.text(signature);
}

/** Asks. What is left of its time goes along, in whole milliseconds from 1; 0 if there is no limit. */
export function writeAsked(letter: Letter, { number, asked }: ClientCall, now: number): void {
  const { kind, method, deadline, until = deadline, meta, credit, input } = asked;
  const list = letter.add(
    kind === 'event' ? entry.event : kind === 'call' ? entry.call : entry.open,
  );
  if (kind !== 'event') list.uint(number);
  list.uint(method).uint(until === Infinity ? 0 : Math.max(1, Math.ceil(until - now)));
  if (kind === 'stream') list.uint(credit);
  if (meta === undefined) list.nothing();
  else list.item(meta);
  list.item(input);
}

/** What was asked in a message of ours. */
export interface AskedIn {
  /** The numbers of the calls and streams. */
  readonly numbers: readonly number[];
  /** How many events were told. */
  readonly events: number;
}

/** Finds out what was asked in a message that has not left. */
export function askedIn(message: Frames): AskedIn {
  const numbers: number[] = [];
  let events = 0;
  const reader = readerOf(message) ?? new ListReader(new Uint8Array(0));
  while (reader.left > 0) {
    const kind = reader.uint();
    if (kind === entry.call || kind === entry.open) numbers.push(reader.uint() ?? 0);
    if (kind === entry.event) events += 1;
    skip(kind, reader);
  }
  return { numbers, events };
}

/** Reads over what is left of an entry. */
function skip(kind: number | undefined, reader: ListReader): void {
  if (kind === entry.hello) {
    for (let left = 3; left > 0; left -= 1) reader.text();
    for (let left = reader.uint() ?? 0; left > 0; left -= 1) reader.text();
  } else {
    for (let left = (kind === undefined ? undefined : pieces[kind]) ?? 0; left > 0; left -= 1) {
      reader.item();
    }
  }
}

// How many pieces are left behind those that have been read.
const pieces: Readonly<Record<number, number>> = {
  [entry.call]: 4,
  [entry.open]: 5,
  [entry.event]: 4,
  [entry.more]: 2,
  [entry.cancel]: 1,
  [entry.ask]: 2,
  [entry.mark]: 1,
};
