/**
 * Messages: what clients and servers say to each other. Each message is one frame, a CBOR array that begins with
 * {@link WORD}; what is said follows, entry after entry, each a small number and as many pieces as that one has.
 * The README has the table.
 */
import { ListReader, ListWriter } from 'brokerless/kit';

/** What every message begins with. Another version of what is said here has another word. */
export const WORD: string = 'bs1';

/**
 * How many bytes a message grows to before another is begun; one entry may be longer. Small enough that the other
 * side can begin with the first of a crowd of calls while the last is still being written.
 */
export const MESSAGE_BYTES: number = 4 << 10;

/** The most bytes of an entry besides the value in it. */
export const BESIDES_BYTES: number = 64 << 10;

/** The most bytes of what travels beside something: its key and its headers. */
export const META_BYTES: number = BESIDES_BYTES / 2;

/** The numbers that entries begin with. Those up to 9 are a client's, 10 and 22 both's, the others a server's. */
export const entry = {
  hello: 1,
  call: 2,
  open: 3,
  event: 4,
  more: 5,
  cancel: 6,
  ask: 7,
  quiet: 8,
  bye: 9,
  beat: 10,
  welcome: 11,
  mismatch: 12,
  result: 13,
  failed: 14,
  refused: 15,
  begun: 16,
  item: 17,
  end: 18,
  drain: 19,
  answer: 20,
  unknown: 21,
  mark: 22,
} as const;

/** Why a server has not carried out what it was asked. */
export type Refusal = 'OVERLOADED' | 'EXPIRED' | 'BAD_INPUT';

const refusals: readonly string[] = ['OVERLOADED', 'EXPIRED', 'BAD_INPUT'] satisfies Refusal[];

/** What can be asked of a server itself. */
export type Question = 'ping' | 'info' | 'stats';

const questions: readonly string[] = ['ping', 'info', 'stats'] satisfies Question[];

/** What travels beside what is asked, if anything does. */
export interface Meta {
  /** The name of its effect. */
  readonly key?: string | undefined;
  /** Words for whoever handles it. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const NULL_ITEM: Uint8Array = Uint8Array.of(0xf6);

/** Begins to read a message. Undefined for what is none: anybody may send anything to an open port. */
export function readerOf(frames: readonly Uint8Array[]): ListReader | undefined {
  if (frames.length !== 1) return undefined;
  const reader = new ListReader(frames[0] as Uint8Array);
  return reader.passes(wordItem) ? reader : undefined;
}

const wordItem = new ListWriter(WORD).done().subarray(5); // Behind the head of the list.

/** Reads what travels beside something: null if nothing does, undefined if it makes no sense. */
export function readMeta(reader: ListReader): Meta | null | undefined {
  if (reader.passes(NULL_ITEM)) return null;
  const start = reader.at;
  const meta = reader.value();
  if (isMeta(meta) && reader.at - start <= META_BYTES) return meta;
  reader.fail();
  return undefined;
}

/** Reads why something was not carried out; undefined if it makes no sense. */
export function readRefusal(reader: ListReader): Refusal | undefined {
  return oneOf(reader, refusals) as Refusal | undefined;
}

/** Reads what is asked of a server itself; undefined if it makes no sense. */
export function readQuestion(reader: ListReader): Question | undefined {
  return oneOf(reader, questions) as Question | undefined;
}

function oneOf(reader: ListReader, words: readonly string[]): string | undefined {
  const word = reader.text();
  if (word !== undefined && words.includes(word)) return word;
  reader.fail();
  return undefined;
}

function isMeta(value: unknown): value is Meta {
  if (!isRecord(value)) return false;
  const { key, headers } = value as Meta;
  const isKey = key === undefined || (typeof key === 'string' && key !== '');
  return isKey && (headers === undefined || isHeaders(headers));
}

function isHeaders(headers: unknown): boolean {
  return isRecord(headers) && Object.values(headers).every((word) => typeof word === 'string');
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof Map);
}

/** What one side has to say to another, gathered until it leaves. */
export class Letter {
  #list: ListWriter | undefined;

  /** Whether there is something to say. */
  get isEmpty(): boolean {
    return this.#list === undefined;
  }

  /** Whether it should leave before more is added. */
  get isFull(): boolean {
    return this.bytes >= MESSAGE_BYTES;
  }

  /** How many bytes have been gathered. */
  get bytes(): number {
    return this.#list?.bytes ?? 0;
  }

  /** Begins an entry, whose pieces are to follow. */
  add(kind: number): ListWriter {
    this.#list ??= new ListWriter(WORD);
    return this.#list.uint(kind);
  }

  /** Takes out what has been gathered, as the frames of a message. */
  take(): readonly Uint8Array[] {
    const list = this.#list as ListWriter;
    this.#list = undefined;
    return [list.done()];
  }
}
