/**
 * An ordeal: worker processes are struck down one after the other while they work, and whatever was sent must end
 * just once all the same.
 */
import type { Outcome } from 'brokerless/patterns/work-queue';
import { expect } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { Fleet, Ledger, type Process } from './processes.ts';
import { atRest, startShop, sumOf } from './running.ts';

/** What is done to the workers, and how much they have to do. */
export interface Ordeal {
  /** How many items. */
  readonly count: number;
  /** How often a worker is struck, in milliseconds. */
  readonly everyMs: number;
  /** Strikes a worker. */
  readonly strike: (victim: Process) => void;
  /** How many workers. Default 8. */
  readonly workers?: number;
  /** How long an item takes, in milliseconds. Default 5; each worker does eight at once. */
  readonly pauseMs?: number;
}

const MAX_ATTEMPTS = 4;

/** What came of an ordeal. */
export interface Survived {
  /** How often a worker was struck. */
  readonly strikes: number;
  /** Items that were given out again. */
  readonly redelivered: number;
  /** Results that came too late. */
  readonly late: number;
  /** Items by how they have ended. */
  readonly done: number;
}

/** Goes through an ordeal; expects that each item ends once, and is done no oftener than it may be tried. */
export async function survive(ordeal: Ordeal): Promise<Survived> {
  const { count, everyMs, strike, workers = 8, pauseMs = 5 } = ordeal;
  await using shop = await startShop({ heartbeatMs: 100, maxAttempts: MAX_ATTEMPTS });
  using ledger = new Ledger();
  const options = { queue: shop.hub.workers, concurrency: 8, pauseMs, ledger: ledger.folder };
  using fleet = new Fleet(workers, { ...options, reconnectMs: 20 });
  await fleet.ready();
  const producer = await shop.producer<number, number>({ outcomes: true });
  let strikes = 0;
  const striking = setInterval(() => {
    const { started } = fleet;
    const victim = started[strikes % Math.max(1, started.length)];
    // On a machine that has much else to do those who take their place are late.
    if (victim === undefined || started.length <= workers / 2) return;
    strikes += 1;
    strike(victim);
  }, everyMs);
  try {
    const sent = Promise.all(numbers(count).map((n) => producer.send(n)));
    const ended = new Map<string, Outcome<number>>();
    for await (const outcome of producer) {
      expect(ended.has(outcome.id)).toBe(false);
      ended.set(outcome.id, outcome);
      if (ended.size === count) break;
    }
    const ids = await sent;
    expect(ids.every((id) => ended.has(id))).toBe(true);
    expectRight(ids, ended, ledger);
    await atRest(shop);
    const stats = shop.hub.stats();
    expect([stats.accepted, sumOf(stats)]).toEqual([count, count]);
    return { strikes, ...stats };
  } finally {
    clearInterval(striking);
  }
}

function expectRight(
  ids: readonly string[],
  ended: ReadonlyMap<string, Outcome<number>>,
  ledger: Ledger,
): void {
  const lines = ledger.lines();
  expect(new Set(lines).size, 'no attempt is made twice').toBe(lines.length);
  const executions = ledger.executions();
  for (const [n, id] of ids.entries()) {
    const outcome = ended.get(id);
    const times = executions.get(`${n}`) ?? 0;
    if (times > MAX_ATTEMPTS) throw new Error(`${n} was done ${times} times`);
    if (outcome?.status === 'done' && outcome.value === n && times > 0) continue;
    if (outcome?.status === 'failed' && outcome.attempts === MAX_ATTEMPTS) continue;
    throw new Error(`${n}, done ${times} times, ended as ${JSON.stringify(outcome)}`);
  }
}

/** Freezes a worker for longer than it may be silent. */
export function freeze(victim: Process): void {
  victim.kill('SIGSTOP');
  setTimeout(() => victim.kill('SIGCONT'), 600).unref();
}
