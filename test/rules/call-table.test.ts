/**
 * Tests of call tables: whoever waits is found by number, and woken when its time has come, be they thousands.
 */
import { CallTable, type TimedCall } from 'brokerless/kit';
import { seededRandom } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { SWEEP_MS } from '../../src/rules/call-table.ts';

interface Waiting extends TimedCall {
  number: number;
}

/** A table, and who was put into it. */
class Desk {
  readonly table = new CallTable<Waiting>();

  /** One more, which wants to be woken then. */
  put(wakeAt = Infinity): Waiting {
    const call = { number: this.table.nextNumber(), wakeAt };
    this.table.put(call);
    return call;
  }

  /** The times of those that are woken by `now`; they are taken away. */
  woken(now: number): number[] {
    const times: number[] = [];
    this.table.wake(now, (call) => {
      times.push(call.wakeAt);
      this.table.remove(call);
    });
    return times.toSorted((a, b) => a - b);
  }
}

describe('a call that waits', () => {
  test('is found by its number until it is taken away', () => {
    const desk = new Desk();
    const call = desk.put();
    expect(desk.table.get(call.number)).toBe(call);
    expect([desk.table.size, desk.table.all()]).toEqual([1, [call]]);
    desk.table.remove(call);
    expect(desk.table.get(call.number)).toBeUndefined();
    expect([desk.table.size, desk.table.all()]).toEqual([0, []]);
  });

  test('is not found by another number, though that has the same place', () => {
    const desk = new Desk();
    const { number } = desk.put();
    expect([64, 128, 2 ** 32].map((more) => desk.table.get(number + more))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is taken away once, and takes nobody else along', () => {
    const desk = new Desk();
    const call = desk.put();
    desk.table.remove(call);
    desk.table.remove(call);
    const other = { number: call.number + 64, wakeAt: Infinity };
    desk.table.put(other);
    desk.table.remove(call);
    expect(desk.table.get(other.number)).toBe(other);
    expect(desk.table.size).toBe(1);
  });

  test('has a number that none before it has had', () => {
    const desk = new Desk();
    const numbers = Array.from({ length: 1000 }, () => {
      const call = desk.put();
      if (call.number % 3 > 0) desk.table.remove(call);
      return call.number;
    });
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(1000);
  });

  test('keeps its place while thousands come and go', () => {
    const desk = new Desk();
    const first = desk.put();
    for (let n = 0; n < 10_000; n += 1) desk.table.remove(desk.put());
    expect(desk.table.get(first.number)).toBe(first);
    expect(desk.table.size).toBe(1);
  });

  test('is found among any number of others', () => {
    const desk = new Desk();
    const calls = Array.from({ length: 5000 }, () => desk.put());
    expect(desk.table.size).toBe(5000);
    expect(calls.every((call) => desk.table.get(call.number) === call)).toBe(true);
    expect(desk.table.clear()).toHaveLength(5000);
    expect([desk.table.size, desk.table.all(), desk.table.deadline]).toEqual([0, [], Infinity]);
  });

  test('may be put again, under another number too, and counts once', () => {
    const desk = new Desk();
    const call = desk.put(50);
    call.wakeAt = 20;
    desk.table.put(call);
    expect([desk.table.size, desk.table.deadline]).toEqual([1, 20]);
    desk.table.remove(call);
    call.number = desk.table.nextNumber();
    desk.table.put(call);
    expect([desk.table.size, desk.table.get(call.number)]).toEqual([1, call]);
  });
});

describe('waking', () => {
  test('comes when the first is due, and not before', () => {
    const desk = new Desk();
    for (const time of [300, 100, 200]) desk.put(time);
    expect(desk.table.deadline).toBe(100);
    expect(desk.woken(99)).toEqual([]);
    expect(desk.woken(100)).toEqual([100]);
    expect(desk.table.deadline).toBe(200);
    expect(desk.woken(1000)).toEqual([200, 300]);
    expect(desk.table.deadline).toBe(Infinity);
  });

  test(`comes at most every ${SWEEP_MS} ms, and is never later than that`, () => {
    const desk = new Desk();
    for (const time of [100, 101, 102, 104, 105, 106]) desk.put(time);
    expect(desk.woken(100)).toEqual([100]);
    expect(desk.table.deadline).toBe(100 + SWEEP_MS);
    expect(desk.woken(100 + SWEEP_MS - 1)).toEqual([]);
    expect(desk.woken(100 + SWEEP_MS)).toEqual([101, 102, 104, 105]);
    expect(desk.table.deadline).toBe(100 + 2 * SWEEP_MS);
    expect(desk.woken(100 + 2 * SWEEP_MS)).toEqual([106]);
  });

  test('passes over those that have been taken away', () => {
    const desk = new Desk();
    desk.table.remove(desk.put(100));
    desk.put(200);
    expect(desk.woken(150)).toEqual([]);
    expect(desk.table.deadline).toBe(200);
  });

  test('lets those go on that want to be woken later', () => {
    const desk = new Desk();
    const call = desk.put(100);
    let times = 0;
    const later = (waiting: Waiting): void => {
      times += 1;
      waiting.wakeAt += 100;
      desk.table.put(waiting);
    };
    for (let now = 0; now <= 350; now += 10) desk.table.wake(now, later);
    expect([times, call.wakeAt, desk.table.deadline]).toEqual([3, 400, 400]);
  });

  test('goes through all, though those that are woken come back under other numbers', () => {
    const desk = new Desk();
    // As many as there is room for: the table grows while it is gone through.
    const calls = Array.from({ length: 31 }, () => desk.put(100));
    const seen: Waiting[] = [];
    desk.table.wake(100, (call) => {
      seen.push(call);
      desk.table.remove(call);
      call.number = desk.table.nextNumber();
      call.wakeAt = 500;
      desk.table.put(call);
      desk.put(300);
    });
    expect(seen.toSorted((a, b) => a.number - b.number)).toEqual(calls);
    expect([desk.table.size, desk.table.deadline]).toEqual([62, 300]);
    expect(desk.woken(300)).toHaveLength(31);
    expect(desk.woken(500)).toHaveLength(31);
    expect(desk.table.size).toBe(0);
  });

  test('wakes each in time, once, whatever comes and goes', () => {
    const random = seededRandom('call table');
    const desk = new Desk();
    const open = new Map<number, Waiting>();
    let overdue = 0;
    for (let now = 0; now < 5000; now += 1) {
      for (let n = Math.floor(random() * 4); n > 0; n -= 1) {
        const call = desk.put(now + Math.floor(random() * 300));
        open.set(call.number, call);
      }
      if (random() < 0.5) {
        const [call] = open.values();
        if (call !== undefined && open.delete(call.number)) desk.table.remove(call);
      }
      if (now >= desk.table.deadline) {
        desk.table.wake(now, (call) => {
          if (!open.delete(call.number)) throw new Error(`${call.number} is woken again`);
          desk.table.remove(call);
        });
      }
      for (const { wakeAt } of open.values()) if (wakeAt + SWEEP_MS <= now) overdue += 1;
      if (desk.table.size !== open.size) throw new Error(`${desk.table.size} are there`);
    }
    expect([overdue, open.size > 0]).toEqual([0, true]);
  });
});
