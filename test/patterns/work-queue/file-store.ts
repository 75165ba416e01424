/**
 * File store: a durable store for tests, a record a line. An end that is torn is cut off when it is opened, and
 * what could not be written to its end before the next batch.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { Store, StoreRecord } from '../../../patterns/work-queue/index.ts';

/** A store in a file. */
export class FileStore implements Store {
  /** How much more the disk takes, in bytes. */
  room = Number.POSITIVE_INFINITY;
  /** How often it was told to append. */
  appends = 0;
  /** Whether it has been closed. */
  isClosed = false;
  protected readonly path: string;
  #file: FileHandle | undefined;
  #length = 0; // Of what is kept: what stands behind it is of a batch that failed.
  #underWay: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  async *load(): AsyncGenerator<StoreRecord, undefined> {
    this.#file = await open(this.path, 'a+');
    const kept = this.cut(await this.#file.readFile());
    await this.#file.truncate(kept.length);
    this.#length = kept.length;
    for (const line of kept.toString().split('\n')) if (line !== '') yield this.decode(line);
    return undefined;
  }

  append(records: readonly StoreRecord[]): Promise<void> {
    this.appends += 1;
    const text = records.map((record) => `${this.encode(record)}\n`).join('');
    const appended = this.#write(Buffer.from(text));
    this.#underWay = appended.catch(() => {});
    return appended;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.#underWay;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Ends it as the death of its process would: of what is under way no further step is taken. */
  async crash(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /** What of a file is whole. */
  protected cut(bytes: Buffer): Buffer {
    return bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  }

  protected encode(record: StoreRecord): string {
    // A Buffer among the bytes would write itself down in its own way.
    const body = (bytes: Uint8Array) => ({ base64: Buffer.from(bytes).toString('base64') });
    return JSON.stringify(
      record.kind === 'put' ? { ...record, body: body(record.body) } : record,
      (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? { never: true } : value),
    );
  }

  protected decode(line: string): StoreRecord {
    return JSON.parse(line, (_, value) => {
      if (value?.never === true) return Number.POSITIVE_INFINITY;
      if (typeof value?.base64 !== 'string') return value;
      return new Uint8Array(Buffer.from(value.base64, 'base64'));
    });
  }

  /** Makes room for a batch where a failed one has left something. */
  protected async clear(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    if (size > this.#length) await file.truncate(this.#length);
  }

  async #write(bytes: Buffer): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.isClosed) throw new Error('the file is closed');
    await this.clear(file);
    const taken = bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.room)));
    await file.appendFile(taken);
    this.room -= taken.length;
    if (taken.length < bytes.length) throw noSpace();
    await file.datasync();
    this.#length += bytes.length;
  }
}

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}
