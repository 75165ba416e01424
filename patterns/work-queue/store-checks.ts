/**
 * Store checks: what a store has to do, by name, to be read after the words "the store".
 */
import { waitFor } from 'brokerless/kit';
import type { StoreRecord } from './item-rules.ts';
import { FORGET_AFTER_MS, type Store } from './store.ts';
import {
  bytes,
  copyOf,
  EPOCH,
  type Expected,
  endRecord,
  everyKind,
  frozen,
  longLife,
  putRecord,
  sameValue,
} from './store-evidence.ts';
import type { Trial } from './store-trial.ts';

/** What a store has to do. Rejects if it does not. */
export type Check<S extends Store> = (trial: Trial<S>) => Promise<void>;

/** Checks, by name. */
export type CheckTable<S extends Store = Store> = Readonly<Record<string, Check<S>>>;

const PATIENCE = { timeoutMs: 30_000 } as const;

/** What every store has to do. */
export const inLife: CheckTable = {
  'has nothing to give when it is new': (trial) => trial.holds({ sure: [] }),

  async 'takes records of every kind, and does not change them'(trial) {
    const batch = frozen(everyKind(trial.now));
    const before = copyOf(batch);
    await trial.append(batch);
    demand(sameValue(batch, before), 'it changed a record that it was given');
  },

  async 'takes a batch of many records'(trial) {
    const items = Array.from({ length: 5000 }, (_, at) => putRecord(at + 1));
    await trial.append([EPOCH], items);
  },

  async 'can be closed while a batch is under way'(trial) {
    const { store } = await trial.open();
    const appended = refuses(store, [EPOCH, putRecord(1, bytes(1, 100_000))]);
    await waitFor('close', Promise.resolve(store.close?.()), PATIENCE);
    await waitFor('append', appended, PATIENCE);
  },
};

/** What a store has to do when it is opened again. */
export const reopened: CheckTable = {
  async 'gives back records of every kind, as they were and in their order'(trial) {
    const batch = everyKind(trial.now);
    await trial.append(batch);
    await trial.holds({ sure: batch });
  },

  async 'is given records, since it does not say that it keeps none'(trial) {
    const { store } = await trial.open();
    await store.close?.();
    demand(store.isForgetful !== true, 'it says that it keeps nothing');
  },

  async 'gives the same each time it is opened'(trial) {
    const batch = everyKind(trial.now);
    await trial.append(batch.slice(0, 4), batch.slice(4));
    for (let time = 0; time < 3; time += 1) await trial.holds({ sure: batch });
  },

  async 'gives what was appended in all of its lives'(trial) {
    const batches = longLife(120, trial.now);
    for (let at = 0; at < batches.length; at += 17) {
      const { store } = await trial.opens({ sure: batches.slice(0, at).flat() });
      for (const batch of batches.slice(at, at + 17)) await store.append(batch);
      await store.close?.();
    }
    await trial.holds({ sure: batches.flat() });
  },

  async 'keeps what it was given, whatever becomes of that later'(trial) {
    const { store } = await trial.open();
    const given = [EPOCH, putRecord(1), putRecord(2)];
    const kept = copyOf(given);
    await store.append(given);
    for (const record of given) if (record.kind === 'put') record.body.fill(0xff);
    given.length = 0;
    await store.close?.();
    await trial.holds({ sure: kept });
  },

  async 'hands out what it never changes'(trial) {
    const batch = everyKind(trial.now);
    await trial.append(batch);
    const { store, given } = await trial.opens({ sure: batch });
    const before = copyOf(given);
    for (let n = 100; n < 120; n += 1) await store.append([putRecord(n, bytes(n, 5000))]);
    await store.close?.();
    demand(sameValue(given, before), 'it changed a record that it had given');
  },

  async 'hands out bytes that are nobody else’s'(trial) {
    const batch = [EPOCH, putRecord(1), putRecord(2), putRecord(3)];
    await trial.append(batch);
    const { store, given } = await trial.opens({ sure: batch });
    const [, , changed] = given;
    if (changed?.kind === 'put') changed.body.fill(0xff);
    const others = (records: readonly StoreRecord[]) => records.filter((_, at) => at !== 2);
    demand(sameValue(others(given), others(batch)), 'two of its records have bytes in common');
    await store.append([putRecord(4)]);
    await store.close?.();
    await trial.holds({ sure: [...batch, putRecord(4)] });
  },

  async 'forgets ended items late, the greatest number and dead letters not at all'(trial) {
    const long = trial.now - 2 * FORGET_AFTER_MS;
    const puts = Array.from({ length: 60 }, (_, at) => putRecord(at + 1));
    const ends = puts.map(({ n }) =>
      endRecord(n, n === 30 ? trial.now : long, n % 7 === 0 ? 'failed' : 'done'),
    );
    const all: StoreRecord[] = [EPOCH, ...puts, ...ends, { kind: 'drop', n: 14 }];
    await trial.append(all);
    for (let time = 0; time < 3; time += 1) await trial.holds({ sure: all });
  },

  async 'keeps or refuses what is under way when it is closed'(trial) {
    const sure = [EPOCH, putRecord(1)];
    const batch = [putRecord(2, bytes(2, 300_000)), putRecord(3)];
    const { store } = await trial.open();
    await store.append(sure);
    const refused = refuses(store, batch);
    await waitFor('close', Promise.resolve(store.close?.()), PATIENCE);
    const isRefused = await waitFor('append', refused, PATIENCE);
    await trial.holds(isRefused ? { sure, unsure: batch } : { sure: [...sure, ...batch] });
  },

  async 'refuses what comes after it was closed'(trial) {
    const { store } = await trial.open();
    if (store.close === undefined) return;
    await store.append([EPOCH]);
    await store.close();
    const isRefused = await waitFor('append', refuses(store, [putRecord(1)]), PATIENCE);
    demand(isRefused, 'it took a record after it had been closed');
    await trial.holds({ sure: [EPOCH] });
  },
};

/** What it has to do after its process has died. */
export function afterCrash<S extends Store>(crash: (store: S) => unknown): CheckTable<S> {
  return {
    async 'has after a crash what it said it had'(trial) {
      const batches = longLife(12, trial.now);
      for (const [at, batch] of batches.entries()) {
        const { store } = await trial.opens({ sure: batches.slice(0, at).flat() });
        await store.append(batch);
        await crash(store);
      }
      await trial.holds({ sure: batches.flat() });
    },

    async 'has whole records of a batch that a crash has cut off, from its beginning'(trial) {
      const sure = [EPOCH, putRecord(1)];
      const unsure = [putRecord(2), putRecord(3, bytes(3, 500_000)), putRecord(4)];
      const { store } = await trial.open();
      await store.append(sure);
      void refuses(store, unsure); // Whoever dies hears nothing.
      await crash(store);
      await goesOn(trial, { sure, unsure });
    },
  };
}

/** What it has to do when the end of what it kept is gone. */
export function afterTear<S extends Store>(
  tear: (place: string, bytes: number) => unknown,
): CheckTable<S> {
  return {
    async 'cuts off a torn end, and goes on from there'(trial) {
      const sure = [EPOCH, putRecord(1)];
      const unsure = [putRecord(2), putRecord(3, bytes(3, 3000))];
      for (const cut of [1, 2, 3, 5, 20, 300, 1500]) {
        trial.move();
        await trial.append(sure, unsure);
        await tear(trial.place, cut);
        await goesOn(trial, { sure, unsure });
      }
    },
  };
}

/** What it has to do when it could not append, and then can again. */
export function afterFailure<S extends Store>(
  fail: (store: S) => (() => unknown) | Promise<() => unknown>,
): CheckTable<S> {
  return {
    async 'rejects what it cannot keep, and keeps what comes after that'(trial) {
      const sure = [EPOCH, putRecord(1)];
      const unsure = [putRecord(2), putRecord(3, bytes(3, 3000)), putRecord(4)];
      const later = [endRecord(1, trial.now), putRecord(5)];
      const { store } = await trial.open();
      await store.append(sure);
      const heal = await fail(store);
      const isRefused = await waitFor('append', refuses(store, unsure), PATIENCE);
      await heal();
      demand(isRefused, 'it said that it had kept what it could not keep');
      await store.append(later);
      await store.close?.();
      await trial.holds({ sure, unsure, later });
    },
  };
}

function demand(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

/** Appends a batch, and tells whether it was refused. */
async function refuses(store: Store, batch: readonly StoreRecord[]): Promise<boolean> {
  let appended: Promise<void>;
  try {
    appended = store.append(batch);
  } catch (error) {
    throw new Error('it threw, when it should have rejected', { cause: error });
  }
  return appended.then(
    () => false,
    () => true,
  );
}

/** It has what it should, keeps more, and has that too. */
async function goesOn<S extends Store>(trial: Trial<S>, expected: Expected): Promise<void> {
  const { store, given } = await trial.opens(expected);
  const first = copyOf(given);
  const later = [putRecord(50), putRecord(51)];
  await store.append(later);
  await store.close?.();
  await trial.holds({ sure: [...first, ...later] });
}
