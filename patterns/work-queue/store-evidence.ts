/**
 * Evidence: records to try a store with, and whether what it gives back is what it was given.
 */
import type { StoreRecord } from './item-rules.ts';
import { FORGET_AFTER_MS } from './store.ts';

type PutRecord = StoreRecord & { readonly kind: 'put' };
type Order = PutRecord['order'];

const AT = 1_700_000_000_000.25;

const order: Order = {
  priority: 0,
  key: undefined,
  isUnique: false,
  maxAttempts: 3,
  notBefore: 0,
  expiresAt: Number.POSITIVE_INFINITY,
};

/** The name of a queue. */
export const EPOCH: StoreRecord = { kind: 'epoch', epoch: 'a "queue" – Schlange' };

/** An item that is put in. */
export function putRecord(
  n: number,
  body: Uint8Array = bytes(n, 12),
  asked: Partial<Order> = {},
  from?: PutRecord['from'],
): PutRecord {
  return { kind: 'put', n, body, at: AT + n, order: { ...order, ...asked }, from };
}

/** An item that ends. */
export function endRecord(
  n: number,
  at: number,
  status: 'done' | 'failed' | 'discarded' | 'cancelled' | 'expired' = 'done',
): StoreRecord {
  return { kind: 'end', n, status, at };
}

/** Bytes that look like chance and are the same each time: no packing makes them fewer. */
export function bytes(seed: number, length: number): Uint8Array {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

const awkward = '\u0000\n\r\t"\\,{}\u2028\u{1f422} __proto__ Grüße';

/** Records of each kind, and the same with what stores find hard. None of the items has ended long ago. */
export function everyKind(now: number): StoreRecord[] {
  return [
    EPOCH,
    putRecord(1),
    putRecord(2, new Uint8Array(0)),
    putRecord(
      3,
      Uint8Array.from({ length: 256 }, (_, at) => at),
    ),
    putRecord(4, bytes(4, 100_000)),
    putRecord(5, Buffer.from(bytes(5, 9)).subarray(2, 6)), // Which JSON takes for something else.
    putRecord(6, bytes(6, 3), { key: awkward, isUnique: true, priority: 255 }),
    putRecord(7, bytes(7, 3), { key: '' }, { session: 'a session', seq: 1, outcome: true }),
    putRecord(8, bytes(8, 3), { notBefore: AT + 60_000, expiresAt: AT + 90_000.5 }),
    putRecord(9, bytes(9, 3), {}, { session: awkward, seq: 2 ** 40, outcome: undefined }),
    { kind: 'tried', n: 1, attempt: 1, reason: 'no reason' },
    { kind: 'tried', n: 1, attempt: 2, reason: awkward },
    { kind: 'tried', n: 2, attempt: 1, reason: '' },
    { kind: 'tried', n: 2, attempt: 2, reason: 'x'.repeat(20_000) },
    endRecord(1, now, 'failed'),
    endRecord(2, now),
    endRecord(3, now, 'discarded'),
    endRecord(4, now - 0.5, 'cancelled'),
    endRecord(6, now, 'expired'),
    { kind: 'drop', n: 1 },
    putRecord(2 ** 40),
  ];
}

/** So many items, each in a batch with some of what became of those before it. */
export function longLife(items: number, now: number): StoreRecord[][] {
  const batches: StoreRecord[][] = [[EPOCH]];
  for (let n = 1; n <= items; n += 1) {
    const batch: StoreRecord[] = [putRecord(n, bytes(n, n % 97))];
    if (n > 3) batch.push({ kind: 'tried', n: n - 3, attempt: 1, reason: `of ${n - 3}` });
    if (n > 7) batch.unshift(endRecord(n - 7, now, n % 5 === 0 ? 'failed' : 'done'));
    if (n > 9 && n % 10 === 0) batch.push({ kind: 'drop', n: n - 7 });
    batches.push(batch);
  }
  return batches;
}

/** A copy that shares nothing with the records. */
export function copyOf(records: readonly StoreRecord[]): StoreRecord[] {
  return structuredClone(records) as StoreRecord[];
}

/** The same, that cannot be changed without that being noticed. */
export function frozen(records: StoreRecord[]): readonly StoreRecord[] {
  for (const record of records) {
    if (record.kind === 'put') {
      Object.freeze(record.order);
      Object.freeze(record.from);
    }
    Object.freeze(record);
  }
  return Object.freeze(records);
}

/** What a store should give. */
export interface Expected {
  /** What was kept, the oldest first. */
  readonly sure: readonly StoreRecord[];
  /** What was on its way, if anything was. */
  readonly unsure?: readonly StoreRecord[] | undefined;
  /** What was kept after that. */
  readonly later?: readonly StoreRecord[] | undefined;
}

/** Says what is wrong with what a store gave; undefined if it is right. */
export function faultIn(
  given: readonly StoreRecord[],
  { sure, unsure = [], later = [] }: Expected,
  now: number,
): string | undefined {
  let fault: string | undefined;
  for (let kept = unsure.length; kept >= 0; kept -= 1) {
    const all = [...sure, ...unsure.slice(0, kept), ...later];
    fault = faultAgainst(given, all, now);
    if (fault === undefined) return undefined;
  }
  return fault;
}

function faultAgainst(
  given: readonly StoreRecord[],
  all: readonly StoreRecord[],
  now: number,
): string | undefined {
  const forgettable = forgettableIn(all, now);
  const newest = all.reduce((most, record) => Math.max(most, numberIn(record)), 0);
  let at = 0;
  for (const record of all) {
    const next = given[at];
    if (next !== undefined && sameValue(next, record)) at += 1;
    else if (!forgettable.has(numberIn(record))) {
      return `it gave ${next === undefined ? 'nothing more' : show(next)} instead of ${show(record)}`;
    }
  }
  const extra = given[at];
  if (extra !== undefined) return `it gave ${show(extra)}, which is not what was appended next`;
  if (newest > 0 && given.every((record) => numberIn(record) !== newest)) {
    return `it forgot the greatest number, ${newest}`;
  }
  return undefined;
}

function forgettableIn(all: readonly StoreRecord[], now: number): ReadonlySet<number> {
  const numbers = new Set<number>();
  const failed = new Set<number>();
  for (const record of all) {
    if (record.kind === 'end' && now - record.at > FORGET_AFTER_MS) {
      if (record.status === 'failed') failed.add(record.n);
      else numbers.add(record.n);
    } else if (record.kind === 'drop' && failed.has(record.n)) numbers.add(record.n);
  }
  return numbers;
}

function numberIn(record: StoreRecord): number {
  return record.kind === 'epoch' ? 0 : record.n;
}

/** Whether two values are the same. What is undefined may be missing; bytes are the same as equal bytes. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return false;
    return one.length === other.length && one.every((byte, at) => byte === other[at]);
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => sameValue(one[name], other[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function show(record: unknown): string {
  const text = JSON.stringify([record], (_, value: unknown) => {
    if (value instanceof Uint8Array)
      return `${value.length} bytes: ${value.slice(0, 12).join(' ')}`;
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
  return text.slice(1, -1).slice(0, 300);
}
