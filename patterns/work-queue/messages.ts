/**
 * Messages: what producers, queue and workers say to each other. Each is one frame, a CBOR array; what is said
 * of several items follows one another in it. The README has the table.
 */
import { ListReader, ListWriter, ownCopy } from 'brokerless/kit';

/** The version of what is said here. */
export const VERSION: number = 1;

/** How many bytes a message grows to before another is begun; one item may be longer. */
export const LIST_BYTES: number = 16 << 10;

/** How an item has ended. */
export type Status = 'done' | 'failed' | 'discarded' | 'cancelled' | 'expired';

/** How an item has ended, as far as anybody knows. */
export type KnownStatus = Status | 'lost';

const statuses: readonly string[] = [
  'done',
  'failed',
  'discarded',
  'cancelled',
  'expired',
  'lost',
] satisfies KnownStatus[];

/** What a producer may ask of an item, as it travels. */
export interface Wishes {
  /** Items with the same key are done one after the other. */
  readonly key?: string | undefined;
  /** Whether an item with the same key that is not long past is this one. */
  readonly unique?: boolean | undefined;
  /** The greater goes first; 0 to 255. */
  readonly priority?: number | undefined;
  /** For how long it is wanted, in milliseconds. */
  readonly deadlineMs?: number | undefined;
  /** How long to wait before it is given to a worker, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** How often it may be given to a worker. */
  readonly maxAttempts?: number | undefined;
  /** Whether the producer wants to know how it ends. */
  readonly outcome?: boolean | undefined;
}

/** A message, read: what it is about, and its pieces. */
export interface Said {
  /** Its first piece. */
  readonly word: string;
  /** All pieces, the first among them. */
  readonly list: readonly unknown[];
}

// So many pieces follow the first one, or a multiple of as many from this place on; and their kinds:
// n a whole number, t text, b bytes, w wishes or null.
interface Form {
  readonly fixed: string;
  readonly each: string;
}

const forms: Readonly<Record<string, Form>> = {
  hello: { fixed: 'nt', each: '' },
  put: { fixed: 'n', each: 'nbw' },
  ask: { fixed: '', each: 'n' },
  cancel: { fixed: '', each: 'n' },
  bye: { fixed: '', each: '' },
  welcome: { fixed: 'ntn', each: '' },
  accepted: { fixed: '', each: 'nn' },
  refused: { fixed: '', each: 'ntt' },
  outcome: { fixed: '', each: 'nsnb' },
  beat: { fixed: '', each: '' },
  version: { fixed: 'n', each: '' },
  ready: { fixed: 'nn', each: '' },
  credit: { fixed: 'n', each: '' },
  done: { fixed: '', each: 'nnb' },
  failed: { fixed: '', each: 'nnb' },
  discard: { fixed: '', each: 'nnb' },
  back: { fixed: '', each: 'nn' },
  leave: { fixed: '', each: '' },
  items: { fixed: '', each: 'nnb' },
  stop: { fixed: '', each: 'nn' },
};

/** Reads a message. Undefined for what makes no sense: anybody may send anything to an open port. */
export function read(frames: readonly Uint8Array[]): Said | undefined {
  if (frames.length !== 1) return undefined;
  const reader = new ListReader(frames[0] as Uint8Array);
  const said = reader.text();
  if (said === undefined || !Object.hasOwn(forms, said)) return undefined;
  const { fixed, each } = forms[said] as Form;
  const list: unknown[] = [said];
  take(fixed, reader, list);
  // What another version says besides its number is not ours to judge.
  const isOther = (said === 'hello' || said === 'ready') && list[1] !== VERSION;
  if (isOther && list[1] !== undefined) return { word: said, list };
  while (each !== '' && reader.left > 0) take(each, reader, list);
  return reader.isAtEnd ? { word: said, list } : undefined;
}

/** Adds the next pieces to `list`, of these kinds. */
function take(kinds: string, reader: ListReader, list: unknown[]): void {
  for (let at = 0; at < kinds.length; at += 1) list.push(pieceOf(kinds[at], reader));
}

/** The next piece, of this kind; undefined if it is of another. */
function pieceOf(kind: string | undefined, reader: ListReader): unknown {
  switch (kind) {
    case 'n':
      return reader.uint();
    case 'b':
      return reader.binary();
    case 't':
      return reader.text();
    case 's':
      return checked(reader, reader.text(), (value) => statuses.includes(value as string));
    default:
      return wishesFrom(reader);
  }
}

// What was wished for last, and how that was written: most items are wished the same for, in few bytes.
const SHORT = 64;
let last: { readonly bytes: Uint8Array; readonly wishes: unknown } = {
  bytes: Uint8Array.of(0xf6),
  wishes: null,
};

function wishesFrom(reader: ListReader): unknown {
  if (reader.passes(last.bytes)) return last.wishes;
  const { at } = reader;
  const wishes = checked(reader, reader.value(), (value) => value === null || isWishes(value));
  const bytes = reader.since(at);
  if (wishes !== undefined && bytes.length <= SHORT) last = { bytes: ownCopy(bytes), wishes };
  return wishes;
}

/** A piece that is right; a reader whose piece is wrong never comes to its end. */
function checked(
  reader: ListReader,
  piece: unknown,
  isRight: (piece: unknown) => boolean,
): unknown {
  if (piece !== undefined && isRight(piece)) return piece;
  reader.fail();
  return undefined;
}

function isWishes(value: unknown): value is Wishes {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  const { key, unique, priority, deadlineMs, delayMs, maxAttempts, outcome } = value as Wishes;
  return (
    isOr(key, typeof key === 'string') &&
    isOr(unique, typeof unique === 'boolean') &&
    isOr(priority, isCount(priority) && Number(priority) <= 255) &&
    isOr(deadlineMs, isCount(deadlineMs)) &&
    isOr(delayMs, isCount(delayMs)) &&
    isOr(maxAttempts, isCount(maxAttempts) && Number(maxAttempts) > 0) &&
    isOr(outcome, typeof outcome === 'boolean')
  );
}

function isOr(value: unknown, isRight: boolean): boolean {
  return value === undefined || value === null || isRight;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** A message of one word. */
export function word(said: 'beat' | 'bye' | 'leave'): readonly Uint8Array[] {
  return [new ListWriter(said).done()];
}

/** A message of a word and numbers. */
export function numbers(
  said: 'ready' | 'credit' | 'version' | 'ask' | 'cancel' | 'back',
  ...values: readonly number[]
): readonly Uint8Array[] {
  const list = new ListWriter(said);
  for (const value of values) list.uint(value);
  return [list.done()];
}

/** What a producer says first. */
export function hello(session: string): readonly Uint8Array[] {
  return [new ListWriter('hello').uint(VERSION).text(session).done()];
}

/** What a queue answers to who says that it is there. */
export function welcome(epoch: string, heartbeatMs: number): readonly Uint8Array[] {
  return [new ListWriter('welcome').uint(VERSION).text(epoch).uint(heartbeatMs).done()];
}

/** What people call an item: no other item of any queue is called the same. */
export function idOf(epoch: string, n: number): string {
  return `${epoch}-${n}`;
}

/** The number in what people call an item; undefined if it is not one of this epoch. */
export function numberOf(epoch: string, id: string): number | undefined {
  const n = Number(id.slice(epoch.length + 1));
  return isCount(n) && idOf(epoch, n) === id ? n : undefined;
}
