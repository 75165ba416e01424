/**
 * Wrong stores: the mistakes that makers of stores make, one each, and what they should be told.
 */
import type { FileHandle } from 'node:fs/promises';
import { FORGET_AFTER_MS, type StoreRecord } from '../../../patterns/work-queue/index.ts';
import { FileStore } from './file-store.ts';
import { listOf } from './watched.ts';

/** A store that does something wrong. */
export interface WrongStore {
  /** What it does. */
  readonly name: string;
  /** Opens it. */
  readonly open: new (
    path: string,
  ) => FileStore;
  /** A check that has to fail. */
  readonly fails: string;
  /** What it is told. Default: what it did. */
  readonly told?: RegExp;
}

type Records = readonly StoreRecord[];

/** Gives what has become of its records. */
function giving(change: (records: Records) => Records) {
  return class extends FileStore {
    override async *load(): AsyncGenerator<StoreRecord, undefined> {
      yield* change(await listOf(super.load()));
      return undefined;
    }
  };
}

const number = (record: StoreRecord): number => (record.kind === 'epoch' ? 0 : record.n);

/** Gives nothing of items that have ended, if `isOver` says so of their ends. */
const forgetting = (isOver: (end: StoreRecord & { readonly kind: 'end' }) => boolean) =>
  giving((records) => {
    const ends = records.filter((record) => record.kind === 'end').filter(isOver);
    const over = new Set(ends.map(({ n }) => n));
    return records.filter((record) => !over.has(number(record)));
  });

const isOld = ({ at }: { readonly at: number }): boolean => at < Date.now() - FORGET_AFTER_MS;

const Sorting = giving((records) => records.toSorted((a, b) => number(a) - number(b)));
const WithoutDrops = giving((records) => records.filter(({ kind }) => kind !== 'drop'));
const Nameless = giving((records) => records.filter(({ kind }) => kind !== 'epoch'));
const Forgetting = forgetting(() => true);
const ForgettingLetters = forgetting(isOld);
const ForgettingNumbers = forgetting((end) => end.status !== 'failed' && isOld(end));

class Doubling extends FileStore {
  override async append(records: readonly StoreRecord[]): Promise<void> {
    await super.append(records);
    if (this.appends === 2) await super.append(records);
  }
}

class OneBehind extends FileStore {
  #last: readonly StoreRecord[] = [];

  override append(records: readonly StoreRecord[]): Promise<void> {
    const due = this.#last;
    this.#last = [...records];
    return super.append(due);
  }
}

class Hasty extends FileStore {
  #waiting: StoreRecord[] = [];

  override append(records: readonly StoreRecord[]): Promise<void> {
    if (this.isClosed) return super.append(records);
    this.#waiting.push(...structuredClone(records));
    return Promise.resolve();
  }

  override async close(): Promise<void> {
    if (this.#waiting.length > 0) await super.append(this.#waiting);
    await super.close();
  }
}

class Borrowing extends Hasty {
  #batches: (readonly StoreRecord[])[] = [];

  override append(records: readonly StoreRecord[]): Promise<void> {
    if (this.isClosed) return super.append(records);
    this.#batches.push(records);
    return Promise.resolve();
  }

  override async close(): Promise<void> {
    await FileStore.prototype.append.call(this, this.#batches.flat());
    await super.close();
  }
}

class Meddling extends FileStore {
  override append(records: readonly StoreRecord[]): Promise<void> {
    for (const record of records) Object.assign(record, { storedAt: 1 });
    return super.append(records);
  }
}

class Undecided extends FileStore {
  override close(): Promise<void> {
    return this.crash();
  }

  override async append(records: readonly StoreRecord[]): Promise<void> {
    await super.append(records).catch(() => {});
  }
}

class Reusing extends FileStore {
  readonly #given: StoreRecord[] = [];

  override async *load(): AsyncGenerator<StoreRecord, undefined> {
    for await (const record of super.load()) {
      this.#given.push(record);
      yield record;
    }
    return undefined;
  }

  override append(records: readonly StoreRecord[]): Promise<void> {
    for (const record of this.#given) if (record.kind === 'put') record.body.fill(0);
    return super.append(records);
  }
}

class OneBuffer extends FileStore {
  readonly #scratch = new Uint8Array(1 << 20);

  protected override decode(line: string): StoreRecord {
    const record = super.decode(line);
    if (record.kind !== 'put') return record;
    this.#scratch.set(record.body);
    return { ...record, body: this.#scratch.subarray(0, record.body.length) };
  }
}

class PlainJson extends FileStore {
  protected override encode(record: StoreRecord): string {
    return super.encode(record).replace('{"never":true}', 'null');
  }
}

class Arrays extends FileStore {
  protected override encode(record: StoreRecord): string {
    if (record.kind !== 'put') return super.encode(record);
    return JSON.stringify({ ...record, body: [...record.body] });
  }
}

/** Knows bytes by their class, until they write themselves down. */
class Replacing extends FileStore {
  protected override encode(record: StoreRecord): string {
    return JSON.stringify(record, (_, value: unknown) => {
      if (value === Number.POSITIVE_INFINITY) return { never: true };
      return value instanceof Uint8Array
        ? { base64: Buffer.from(value).toString('base64') }
        : value;
    });
  }
}

class HalfRecords extends FileStore {
  protected override cut(bytes: Buffer): Buffer {
    return bytes;
  }

  protected override decode(line: string): StoreRecord {
    try {
      return super.decode(line);
    } catch {
      return { kind: 'put', n: Number(/"n":(\d+)/.exec(line)?.[1]) } as never;
    }
  }
}

class LeavingTears extends FileStore {
  protected override cut(bytes: Buffer): Buffer {
    return bytes;
  }

  protected override decode(line: string): StoreRecord {
    try {
      return super.decode(line);
    } catch {
      return { kind: 'drop', n: 0 };
    }
  }

  override async *load(): AsyncGenerator<StoreRecord, undefined> {
    for await (const record of super.load()) {
      if (number(record) > 0 || record.kind === 'epoch') yield record;
    }
    return undefined;
  }
}

class LeavingHalves extends LeavingTears {
  protected override async clear(_file: FileHandle): Promise<void> {}
}

class AllOrNothing extends FileStore {
  override append(records: readonly StoreRecord[]): Promise<void> {
    if (this.isClosed) throw new Error('closed');
    return super.append(records);
  }
}

class OpenEnded extends FileStore {
  override async append(records: readonly StoreRecord[]): Promise<void> {
    if (!this.isClosed) return super.append(records);
    const again = new FileStore(this.path);
    await listOf(again.load());
    await again.append(records);
    return again.close();
  }
}

class Forgetful extends FileStore {
  readonly isForgetful = true;
}

const order = 'gives back records of every kind, as they were and in their order';
const forgets = 'forgets ended items late, the greatest number and dead letters not at all';
const closed = 'refuses what comes after it was closed';
const full = 'rejects what it cannot keep, and keeps what comes after that';
const given = 'is given records, since it does not say that it keeps none';
const torn = 'cuts off a torn end, and goes on from there';

/** All of them. */
export const wrongStores: readonly WrongStore[] = [
  { name: 'sorts its records', open: Sorting, fails: order },
  { name: 'says that it keeps nothing', open: Forgetful, fails: given },
  { name: 'does not give drops', open: WithoutDrops, fails: order },
  { name: 'forgets the name of the queue', open: Nameless, fails: order },
  { name: 'forgets what has only just ended', open: Forgetting, fails: order },
  { name: 'forgets dead letters with the years', open: ForgettingLetters, fails: forgets },
  { name: 'forgets which numbers there were', open: ForgettingNumbers, fails: forgets },
  {
    name: 'keeps a batch twice',
    open: Doubling,
    fails: 'gives what was appended in all of its lives',
  },
  { name: 'keeps a batch when the next one comes', open: OneBehind, fails: order },
  {
    name: 'says that it has kept what it has not',
    open: Hasty,
    fails: 'has after a crash what it said it had',
  },
  {
    name: 'keeps what becomes of a batch, and not the batch',
    open: Borrowing,
    fails: 'keeps what it was given, whatever becomes of that later',
  },
  {
    name: 'writes into what it is given',
    open: Meddling,
    fails: 'takes records of every kind, and does not change them',
    told: /^TypeError: .*storedAt/, // What it was given cannot be written into.
  },
  {
    name: 'says that it has kept what does not fit on the disk',
    open: Undecided,
    fails: full,
  },
  {
    name: 'uses the bytes again that it gave',
    open: Reusing,
    fails: 'hands out what it never changes',
  },
  { name: 'gives bytes of one buffer', open: OneBuffer, fails: order },
  { name: 'does not know Infinity', open: PlainJson, fails: order },
  { name: 'makes arrays of bytes', open: Arrays, fails: order },
  { name: 'does not know a Buffer', open: Replacing, fails: order },
  { name: 'gives half a record', open: HalfRecords, fails: torn },
  { name: 'writes on behind a torn end', open: LeavingTears, fails: torn },
  {
    name: 'writes on behind what it could not write to its end',
    open: LeavingHalves,
    fails: full,
  },
  {
    name: 'throws instead of rejecting',
    open: AllOrNothing,
    fails: closed,
  },
  {
    name: 'writes after it was closed',
    open: OpenEnded,
    fails: closed,
  },
];
