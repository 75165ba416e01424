/**
 * Tests of what a store has to do: the memory store and a store in a file do it, and stores that do one thing
 * wrong are told so.
 */
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  MemoryStore,
  type StoreCheck,
  storeConformance,
} from '../../../patterns/work-queue/index.ts';
import { FileStore } from './file-store.ts';
import { wrongStores } from './wrong-stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'brokerless-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The checks for a store in a file; each store has a folder of files to itself. */
function checksOf(Kind: new (path: string) => FileStore, name: string): readonly StoreCheck[] {
  const path = (place: string): string => join(folder, `${name}-${place}`);
  return storeConformance({
    open: (place) => new Kind(path(place)),
    crash: (store) => store.crash(),
    tear: (place, bytes) => truncateSync(path(place), statSync(path(place)).size - bytes),
    fail(store) {
      store.room = 500;
      return () => {
        store.room = Number.POSITIVE_INFINITY;
      };
    },
  });
}

describe('the memory store', () => {
  for (const { name, run } of storeConformance({ open: () => new MemoryStore(), durable: false })) {
    test(name, run);
  }

  test('is not taken for one that outlives its process', async () => {
    const checks = storeConformance({ open: () => new MemoryStore() });
    const runs = await Promise.allSettled(checks.map(({ run }) => run()));
    expect(runs.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(5);
  });
});

describe('a store in a file', () => {
  for (const { name, run } of checksOf(FileStore, 'right')) test(name, run);
});

describe('a wrong store is found out that', () => {
  test.each(wrongStores)('$name', async ({ name, open, fails, told = /^Error: it / }) => {
    const checks = checksOf(open, name.replaceAll(/\W/g, ''));
    const check = checks.find((each) => each.name === fails);
    const wrong = await check?.run().catch((error: unknown) => String(error));
    expect(wrong).toMatch(told);
  });
});

describe('the checks', () => {
  test('say what the store has done instead', async () => {
    const [, , , , first] = checksOf(wrongStores[0]?.open ?? FileStore, 'said');
    await expect(first?.run()).rejects.toThrow(/it gave .* instead of .*/);
  });

  test('are refused without a way to open a store', () => {
    expect(() => storeConformance({} as never)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    );
    expect(() => storeConformance({ open: () => new MemoryStore(), sync: true } as never)).toThrow(
      /sync/,
    );
  });
});
