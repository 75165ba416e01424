/**
 * Disk: what a node has written down, which outlives its crashes.
 *
 *     send(batch) ─▶ waits its turn ─▶ is being written ─▶ on the disk ─▶ `stored` is heard
 *                       └─ crash: lost      └─ crash, failure: lost, or its first records are there
 *
 * The disk belongs to the node, and each life opens it anew. What was answered with `stored` is never lost.
 * What was not may be there all the same, since a crash, or a failure, says nothing of how far it had come.
 */
import { BrokerlessError } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import type { Entry } from './agenda.ts';
import type { Engine } from './engine.ts';
import type { Driveable, Owner, Reader, SimPort, Taken } from './port.ts';
import { exponential, integerFrom } from './random.ts';
import type { SimSocket } from './socket.ts';

/** How a disk is opened. */
export interface DiskOptions {
  /** How long it takes to store a batch on average, in milliseconds. Default 1. */
  readonly delayMs?: number | undefined;
}

/** What is heard of each batch, in the order in which they were sent. */
export type DiskAnswer =
  /** All of its records are on the disk, and stay there. */
  | { readonly kind: 'stored' }
  /** They are not, or the first of them are, or even all: who wants to know has to open the disk anew. */
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * The disk of a node as one life of it has it open: a port to which batches are sent, arrays of records, and
 * on which a {@link DiskAnswer} is heard of each.
 */
export interface SimDisk extends SimPort {
  /** The records that were on the disk when it was opened, oldest first. */
  readonly contents: readonly unknown[];
}

/** A batch that is not yet on the disk. */
interface Append {
  readonly records: readonly unknown[];
  readonly number: number;
  readonly delayMs: number;
  readonly answer: (answer: DiskAnswer) => void;
}

/** The disk of a node, through all of its lives. */
export class Disk {
  readonly #engine: Engine;
  readonly #name: string;
  readonly #delays: () => number;
  readonly #tears: () => number;
  readonly #records: unknown[] = [];
  #underWay = new Fifo<Append>(); // The first is being written, the others wait.
  #writing: Entry | undefined;
  #slowness = 1;
  #failing = 0; // How many faults make it fail.

  /** @param name What its node is called. */
  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#name = name;
    this.#delays = engine.random(`disk/${name}`);
    this.#tears = engine.random(`tear/${name}`);
  }

  /** A copy of what is on it, oldest first. */
  contents(): readonly unknown[] {
    return this.#records.map(copyOf);
  }

  /** Has a batch written behind those that are under way. */
  append(append: Append): void {
    this.#underWay.push(append);
    if (this.#underWay.length === 1) this.#write(append);
  }

  /** Its node dies. */
  crash(): void {
    const [first, ...others] = this.#underWay;
    if (first === undefined) return;
    if (this.#writing !== undefined) this.#writing.run = undefined;
    this.#underWay = new Fifo();
    this.#tear(first);
    for (const { number } of others) this.#engine.note('lost', this.#name, 'to disk', number);
  }

  /** Makes it so many times as slow, or fail if that is 0, until the function that is returned is called. */
  strike(strength: number): () => void {
    if (strength > 0) {
      this.#slow(strength);
      return () => this.#slow(1 / strength);
    }
    this.#failing += 1;
    return () => {
      this.#failing -= 1;
    };
  }

  #write(append: Append): void {
    this.#finish(append, exponential(this.#delays, append.delayMs) * this.#slowness);
  }

  #finish(append: Append, afterMs: number): void {
    const { agenda } = this.#engine;
    this.#writing = agenda.at(agenda.now + afterMs, () => this.#written(append));
  }

  /** It takes so many times as long from now on, also for the rest of what is being written. */
  #slow(factor: number): void {
    this.#slowness *= factor;
    const first = this.#underWay.peek();
    if (first === undefined || this.#writing === undefined) return;
    this.#writing.run = undefined;
    this.#finish(first, (this.#writing.time - this.#engine.now) * factor);
  }

  #written(append: Append): void {
    this.#underWay.shift();
    const next = this.#underWay.peek();
    const answer = this.#failing > 0 ? this.#fail(append) : this.#store(append);
    if (next !== undefined) this.#write(next);
    append.answer(answer); // Which may have more sent, behind the next.
  }

  #store({ records, number }: Append): DiskAnswer {
    this.#keep(records);
    this.#engine.note('stored', this.#name, 'disk', number);
    return { kind: 'stored' };
  }

  #fail(append: Append): DiskAnswer {
    this.#engine.mark('append:failed');
    this.#engine.note('failed', this.#name, 'disk', append.number);
    this.#tear(append);
    return { kind: 'failed', error: new Error(`${this.#name}: the disk has failed`) };
  }

  /** Of a batch that could not be written to its end: nothing, or the first of its records. */
  #tear({ records, number }: Append): void {
    const { length } = records;
    if (length === 0) return;
    const kept = this.#tears() < 0.5 ? 0 : integerFrom(this.#tears, 1, length);
    this.#keep(records.slice(0, kept));
    this.#engine.note('torn', this.#name, 'disk', number, kept);
    if (kept > 0) this.#engine.mark(kept < length ? 'torn' : 'unheard');
  }

  #keep(records: readonly unknown[]): void {
    for (const record of records) this.#records.push(record);
  }
}

/** A disk, open in one life of its node. */
export class OpenDisk implements SimDisk, Driveable {
  readonly contents: readonly unknown[];
  reader: Reader | undefined;
  readonly #owner: Owner<SimSocket>;
  readonly #disk: Disk;
  readonly #delayMs: number;
  readonly #heard = new Fifo<{ readonly number: number; readonly answer: DiskAnswer }>();
  #depth = 0;
  #closed = false;

  constructor(owner: Owner<SimSocket>, disk: Disk, { delayMs = 1 }: DiskOptions) {
    this.#owner = owner;
    this.#disk = disk;
    this.#delayMs = delayMs;
    this.contents = disk.contents();
  }

  /** How many batches are under way. */
  get depth(): number {
    return this.#depth;
  }

  /** Whether somebody has closed it. */
  get isClosed(): boolean {
    return this.#closed;
  }

  get hasMessage(): boolean {
    return !this.#closed && this.#heard.length > 0;
  }

  /** Has a batch stored: an array of records, which are copied. There is always room for it. */
  send(batch: unknown): BrokerlessError | boolean {
    const { engine, name } = this.#owner;
    if (this.#closed) return new BrokerlessError('CLOSED', `${name}: the disk is closed`);
    if (!Array.isArray(batch)) {
      throw new BrokerlessError('BAD_VALUE', `${name}: a disk takes arrays of records`);
    }
    const records = batch.map(copyOf);
    const number = engine.nextMessage();
    engine.note('send', name, 'to disk', number, records);
    this.#depth += 1;
    const answer = (heard: DiskAnswer): void => this.#hear(number, heard);
    this.#disk.append({ records, number, delayMs: this.#delayMs, answer });
    return true;
  }

  take(): Taken | undefined {
    if (this.#closed) return undefined;
    const heard = this.#heard.shift();
    if (heard === undefined) return undefined;
    const { engine, name } = this.#owner;
    engine.note('receive', name, 'from disk', heard.number);
    return { kind: 'message', value: heard.answer };
  }

  read(receive: (message: unknown) => void): void {
    const readable = (): void => {
      for (let taken = this.take(); taken?.kind === 'message'; taken = this.take()) {
        receive(taken.value);
      }
    };
    this.reader = { readable, left: () => {} };
    this.#owner.post(this.#owner.engine.now, readable);
  }

  /** Hears nothing more. What is under way is written all the same, unless the node dies. */
  close(): void {
    this.#closed = true;
    this.reader = undefined;
  }

  #hear(number: number, answer: DiskAnswer): void {
    this.#depth -= 1;
    this.#heard.push({ number, answer });
    if (!this.#owner.isFrozen) this.reader?.readable();
  }
}

/** A copy that shares nothing with `value`; of bytes only those, and not all of the memory they lie in. */
function copyOf(value: unknown): unknown {
  if (isAsIs(value)) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlain(value)) return structuredClone(value);
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) if (!isAsIs(copy[key])) copy[key] = copyOf(copy[key]);
  return copy;
}

/** Whether it has no parts that could be shared. */
function isAsIs(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

function isPlain(value: unknown): value is object {
  return value instanceof Object && Object.getPrototypeOf(value) === Object.prototype;
}
