/**
 * Recovery: what a queue was in the middle of, read from the records that a store has kept.
 *
 * Pure. Times in records are those of the world's clock.
 */
import { type Attempt, Item, type Order, type Source, type StoreRecord } from './item-rules.ts';

/** An item as a store has kept it. */
export interface Kept {
  /** Its number. */
  readonly n: number;
  /** What is to be done. */
  readonly body: Uint8Array;
  /** When it was put in. */
  readonly at: number;
  /** What is asked of it. */
  readonly order: Order;
  /** Who has put it in. */
  readonly from: Source | undefined;
  /** What came of earlier attempts. */
  readonly history: Attempt[];
  /** When it was given up, if it was. */
  failedAt: number;
}

/** What a store has kept. */
export interface Recovered {
  /** The name of the queue; undefined if the store is new. */
  readonly epoch: string | undefined;
  /** The items that had not ended, the oldest first. */
  readonly items: readonly Kept[];
  /** The dead letters, the oldest first. */
  readonly letters: readonly Kept[];
  /** Whose the items were that have ended: a producer may not have heard that they had been accepted. */
  readonly ended: readonly (Source & { readonly n: number })[];
  /** The number of the next item. */
  readonly next: number;
}

/** Reads the records of a store, the oldest first. What stands in them about unknown items is passed over. */
export function recover(records: Iterable<StoreRecord>): Recovered {
  let epoch: string | undefined;
  let next = 1;
  const items = new Map<number, Kept>();
  const last = new Map<string, number>(); // By who has put it in, and which of its items it was.
  const letters = new Map<number, Kept>();
  const ended: (Source & { readonly n: number })[] = [];
  for (const record of records) {
    if (record.kind === 'epoch') {
      epoch = record.epoch;
      continue;
    }
    const { n } = record;
    next = Math.max(next, n + 1);
    const item = items.get(n);
    if (record.kind === 'put') {
      const { body, at, order, from } = record;
      // One that is put in again had been refused, for all that the store has it.
      if (from !== undefined) {
        items.delete(last.get(nameOf(from)) ?? 0);
        last.set(nameOf(from), n);
      }
      items.set(n, { n, body, at, order, from, history: [], failedAt: 0 });
    } else if (record.kind === 'tried') {
      // Those that were kept twice, since the store had failed in between, count once.
      if (record.attempt <= (item?.history.at(-1)?.attempt ?? 0)) continue;
      item?.history.push({ attempt: record.attempt, reason: record.reason });
    } else if (record.kind === 'drop') letters.delete(n);
    else if (item !== undefined) {
      items.delete(n);
      item.failedAt = record.at;
      if (item.from !== undefined) {
        ended.push({ ...item.from, n });
        last.delete(nameOf(item.from));
      }
      if (record.status === 'failed') letters.set(n, item);
    }
  }
  return { epoch, items: [...items.values()], letters: [...letters.values()], ended, next };
}

function nameOf({ session, seq }: Source): string {
  return `${seq} ${session}`;
}

/** An item that a store has kept, in the time of this process. */
export function fromWorldTime(
  { n, body, at, order, from, history }: Kept,
  wallOffsetMs: number,
): Item {
  const own = shifted(order, -wallOffsetMs);
  const item = new Item(n, body, own, from, at - wallOffsetMs);
  if (history.length > 0) item.history = [...history];
  item.attempts = history.at(-1)?.attempt ?? 0;
  return item;
}

/** The record of an item that comes in or has ended, as its stage says; or a record as it is. */
export function recordOf(
  entry: Item | StoreRecord,
  sourceOf: (item: Item) => Source | undefined,
  now: number,
  wallOffsetMs: number,
): StoreRecord {
  if (!(entry instanceof Item)) return entry;
  const { n, body, since, ending } = entry;
  if (entry.stage !== 'storing' && ending !== undefined) {
    return { kind: 'end', n, status: ending.status, at: now + wallOffsetMs };
  }
  const order = shifted(entry.order, wallOffsetMs);
  return { kind: 'put', n, body, at: since + wallOffsetMs, order, from: sourceOf(entry) };
}

function shifted(order: Order, byMs: number): Order {
  const { notBefore, expiresAt } = order;
  if (notBefore === 0 && expiresAt === Number.POSITIVE_INFINITY) return order;
  return {
    ...order,
    notBefore: notBefore === 0 ? 0 : notBefore + byMs,
    expiresAt: expiresAt + byMs,
  };
}
