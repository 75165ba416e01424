/**
 * What is known to be on the disk of a simulated hub, by what it was told to be stored: held against what is
 * really there when a life begins.
 */
import type { StoreRecord } from '../../../patterns/work-queue/item-rules.ts';
import { recover } from '../../../patterns/work-queue/recovery-rules.ts';
import type { World } from '../../../src/testing/index.ts';

/** What is known to be on the disk of a hub, through all of its lives. */
export class OnDisk {
  /** Items that were taken on. */
  readonly put = new Set<number>();
  /** How items have ended. */
  readonly ended = new Map<number, string>();
  /** How many attempts came to nothing. */
  readonly tried = new Map<number, number>();

  /** Takes down what a store has kept. */
  keep(records: readonly StoreRecord[]): void {
    for (const record of records) {
      if (record.kind === 'put') this.put.add(record.n);
      else if (record.kind === 'end') this.ended.set(record.n, record.status);
      else if (record.kind === 'tried') this.tried.set(record.n, record.attempt);
    }
  }

  /** Looks at what is there when a life begins. */
  check(world: World, contents: readonly StoreRecord[]): void {
    const there = new OnDisk();
    there.keep(contents);
    const { items, next } = recover(contents);
    const kept = new Map(items.map((item) => [item.n, item]));
    for (const n of this.put) {
      if (n >= next) world.fail(`S9: ${n} was taken on, and the next is to be ${next}`);
      const isKept = kept.has(n);
      if (isKept && this.ended.has(n)) world.fail(`S3: ${n} had ended and is back`);
      if (!isKept && !there.ended.has(n)) world.fail(`S4: ${n} has vanished`);
      const tried = kept.get(n)?.history.at(-1)?.attempt ?? 0;
      if (isKept && tried < (this.tried.get(n) ?? 0)) world.fail(`S10: ${n} is tried anew`);
    }
    for (const { n, history } of items) {
      if (history.some(({ attempt }, at) => attempt <= (history[at - 1]?.attempt ?? 0))) {
        world.fail(`S9: an attempt of ${n} is remembered twice`);
      }
    }
    for (const [n, status] of there.ended) this.ended.set(n, status);
    for (const [n, attempt] of there.tried) this.tried.set(n, attempt);
    // Those that were refused, and put in again as others, are not missed.
    for (const n of there.put) if (kept.has(n) || there.ended.has(n)) this.put.add(n);
  }
}
