/**
 * Trace: what happened in a run, as one number to compare and as lines to read.
 *
 * Every moment goes into the number at once. Lines are only written when somebody wants to read them, since
 * nearly all runs end well and nobody does.
 */
import { show } from './show.ts';

/** What can happen. */
export type Moment =
  | 'start'
  | 'send'
  | 'receive'
  | 'unsent'
  | 'left'
  | 'lost'
  | 'tell'
  | 'stored'
  | 'failed'
  | 'torn'
  | 'connect'
  | 'end'
  | 'fault'
  | 'heal'
  | 'note'
  | 'fail';

interface Line {
  readonly time: number;
  readonly moment: Moment;
  readonly who: string;
  readonly whom: string;
  readonly number: number;
  readonly what: unknown;
}

const KEPT_LINES = 200;
const HASHED_BYTES = 512; // Of one byte string; of a longer one the length and the beginning.
const HASHED_DEPTH = 4;

/** The moments of one run. */
export class Trace {
  readonly #all: boolean;
  readonly #lines: Line[] = [];
  #count = 0;
  #low = 0x811c9dc5 | 0;
  #high = 0x5bd1e995 | 0;

  /** @param all Whether to keep each line, instead of the last 200. */
  constructor(all: boolean) {
    this.#all = all;
  }

  /**
   * Something happened. `number` tells messages apart and `what` is the message, or whatever it is about;
   * of one that arrives the number will do, since what it says was there when it was sent.
   */
  add(time: number, moment: Moment, who: string, whom = '', number = 0, what?: unknown): void {
    this.#mix((time * 128) | 0);
    this.#text(moment);
    this.#text(who);
    this.#text(whom);
    this.#mix(number);
    if (moment !== 'receive' && what !== undefined) this.#value(what, 0);
    const line: Line = { time, moment, who, whom, number, what };
    if (this.#all) this.#lines.push(line);
    else this.#lines[this.#count % KEPT_LINES] = line;
    this.#count += 1;
  }

  /** All of it as a number, in hexadecimal. */
  get hash(): string {
    const words = [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0'));
    return words.join('');
  }

  /** The lines, first to last: all, or the last 200. */
  lines(): string[] {
    const from = this.#all || this.#count < KEPT_LINES ? 0 : this.#count % KEPT_LINES;
    return [...this.#lines.slice(from), ...this.#lines.slice(0, from)].map(write);
  }

  #mix(word: number): void {
    const low = mixLow(this.#low, word);
    this.#low = low;
    this.#high = mixHigh(this.#high, low);
  }

  // Nearly all that is mixed in are characters and bytes: their loops keep the number in two variables.
  #text(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < text.length; i += 1) {
      low = mixLow(low, text.charCodeAt(i));
      high = mixHigh(high, low);
    }
    this.#low = low;
    this.#high = high;
    this.#mix(text.length);
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'object' && value !== null) this.#object(value, depth);
    else if (typeof value === 'function') this.#text('function');
    else this.#text(String(value));
  }

  #object(value: object, depth: number): void {
    if (value instanceof Uint8Array) this.#bytes(value);
    else if (Array.isArray(value)) {
      this.#mix(value.length);
      if (depth < HASHED_DEPTH) for (const item of value) this.#value(item, depth + 1);
    } else if (depth < HASHED_DEPTH) this.#members(value, depth);
  }

  #members(value: object, depth: number): void {
    for (const key in value) {
      this.#text(key);
      this.#value((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    }
  }

  #number(value: number): void {
    if (value === (value | 0)) this.#mix(value);
    else this.#text(String(value));
  }

  #bytes(bytes: Uint8Array): void {
    const count = Math.min(bytes.length, HASHED_BYTES);
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < count; i += 1) {
      low = mixLow(low, bytes[i] as number);
      high = mixHigh(high, low);
    }
    this.#low = low;
    this.#high = high;
    this.#mix(bytes.length);
  }
}

function mixLow(low: number, word: number): number {
  return Math.imul(low ^ word, 0x01000193);
}

function mixHigh(high: number, low: number): number {
  return Math.imul(high ^ low ^ (low >>> 13), 0x2c1b3c6d);
}

function write({ time, moment, who, whom, number, what }: Line): string {
  const parts = [time.toFixed(2).padStart(9), who.padEnd(10), moment.padEnd(7)];
  if (whom !== '') parts.push(whom);
  if (number > 0) parts.push(`#${number}`);
  if (what !== undefined) parts.push(show(what));
  return parts.join(' ').trimEnd();
}
