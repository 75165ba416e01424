/**
 * Wishes: what a producer may ask of an item, in options and as it travels.
 */
import {
  bodiesBy,
  boolean,
  type Check,
  type Checks,
  integer,
  msUntil,
  shaped,
  text,
} from 'brokerless/kit';
import type { Wishes } from './messages.ts';

/** What may be asked of an item. All may be left out. */
export interface ItemOptions {
  /**
   * Items with the same key are done one after the other, in the order in which they were accepted. One that is to
   * wait takes its place when it has waited.
   */
  readonly key?: string | undefined;
  /**
   * Whether an item with the same `key` that was accepted not long ago, or has not ended, is this one: then nothing
   * is added, and the id is that item's. Default false.
   */
  readonly unique?: boolean | undefined;
  /** The greater goes first, 0 to 255. Default 0. */
  readonly priority?: number | undefined;
  /** For how long it is wanted, from its acceptance, in milliseconds; then it has `expired`. Default: for ever. */
  readonly deadlineMs?: number | undefined;
  /** How long to wait before it is given to a worker, in milliseconds. Default 0. */
  readonly delayMs?: number | undefined;
  /** When it may first be given to a worker, instead of `delayMs`. */
  readonly notBefore?: Date | undefined;
  /** How often it may be given to a worker. Default: as the queue has it. */
  readonly maxAttempts?: number | undefined;
  /** Cancels it when it fires. */
  readonly signal?: AbortSignal | undefined;
}

const isDate: Check = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'a valid Date';

/** The checks of {@link ItemOptions}. */
export const itemChecks: Checks<ItemOptions> = {
  key: text,
  unique: boolean,
  priority: integer(0, 255),
  deadlineMs: integer(1),
  delayMs: integer(0),
  notBefore: isDate,
  maxAttempts: integer(1, 60_000),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

const bodies = bodiesBy<Wishes, Wishes>('cbor', 1 << 20);
const FOLLOWED = bodies.encode({ outcome: true });

/** The wishes as they travel; undefined for none. `outcome` says whether the end of the item is to be told. */
export function wishesOf(options: ItemOptions, outcome: boolean): Uint8Array | undefined {
  const { signal: _, notBefore, ...plain } = options;
  const asked = Object.entries(plain).filter(([, value]) => value !== undefined);
  if (asked.length === 0 && notBefore === undefined) return outcome ? FOLLOWED : undefined;
  const delay = notBefore === undefined ? {} : { delayMs: msUntil(notBefore) };
  return bodies.encode({ ...Object.fromEntries(asked), ...delay, ...(outcome && { outcome }) });
}
