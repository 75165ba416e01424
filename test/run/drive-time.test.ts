/**
 * Drive and time: one timer, set to the rules' deadline; a fair share for all; and a clean stop.
 */
import { describe, expect, test } from 'vitest';
import { send, tell } from '../../src/rules/rules.ts';
import { type Driven, drive } from '../../src/run/drive.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';
import { FakePort, LogRules, type Name } from './fake-port.ts';

class Rig {
  readonly rules = new LogRules();
  readonly clock = new ManualClock(0);
  readonly told: string[] = [];
  readonly errors: unknown[] = [];
  readonly a = new FakePort(false);
  readonly b = new FakePort(false);

  start(): Driven<Name, string, string> {
    return drive(this.rules, {
      ports: { a: this.a, b: this.b },
      tell: (what) => this.told.push(what),
      onError: (error) => this.errors.push(error),
      clock: this.clock,
    });
  }
}

describe('the timer', () => {
  test('is set to the deadline, and to the next one after each tick', () => {
    const rig = new Rig();
    rig.rules.deadline = 10;
    rig.rules.onTick = (now) => {
      rig.rules.deadline = now + 10;
      return [];
    };
    rig.start();
    expect(rig.clock.alarms).toEqual([10]);
    rig.clock.advance(35);
    expect(rig.rules.log).toEqual(['tick at 0', 'tick at 10', 'tick at 20', 'tick at 30']);
    expect(rig.clock.alarms).toEqual([40]);
  });

  test('is set to a deadline that comes with the end of a turn', async () => {
    const rig = new Rig();
    const flush = (): readonly [] => {
      rig.rules.deadline = 3;
      return [];
    };
    Object.assign(rig.rules, { flush });
    rig.start();
    expect(rig.clock.alarms).toEqual([]);
    await turns(1);
    expect(rig.clock.alarms).toEqual([3]);
  });

  test('is set anew when the deadline comes sooner, and looks again when it came later', () => {
    const rig = new Rig();
    rig.rules.deadline = 10;
    const driven = rig.start();
    const moveTo = (deadline: number): void => {
      driven.perform(() => {
        rig.rules.deadline = deadline;
        return [];
      });
    };
    moveTo(5);
    expect(rig.clock.alarms).toEqual([5]);
    moveTo(20);
    expect(rig.clock.alarms).toEqual([5]); // Cheaper than to set it anew.
    rig.clock.advance(6);
    expect(rig.clock.alarms).toEqual([20]);
    moveTo(7);
    expect(rig.clock.alarms).toEqual([7]);
    rig.rules.onTick = () => {
      rig.rules.deadline = undefined;
      return [];
    };
    rig.clock.advance(100);
    expect(rig.rules.log).toEqual(['tick at 0', 'tick at 7']);
    expect(rig.clock.alarms).toEqual([]);
  });

  test('is cancelled when there is no deadline any more, or one that never comes', () => {
    for (const never of [undefined, Number.POSITIVE_INFINITY]) {
      const rig = new Rig();
      rig.rules.deadline = 10;
      const driven = rig.start();
      driven.perform(() => {
        rig.rules.deadline = never;
        return [];
      });
      expect(rig.clock.alarms).toEqual([]);
      driven.perform(() => {
        rig.rules.deadline = 12;
        return [];
      });
      expect(rig.clock.alarms).toEqual([12]);
    }
  });

  test('is set again if a tick leaves the deadline where it was', () => {
    const rig = new Rig();
    rig.rules.deadline = 10;
    rig.rules.onTick = (now) => {
      if (now >= 10) rig.rules.deadline = 15;
      return [];
    };
    const driven = rig.start();
    rig.clock.advance(10);
    expect(rig.clock.alarms).toEqual([15]);
    rig.rules.onTick = () => [];
    rig.clock.advance(5);
    // It is due and stays due: the rules are asked again as soon as the clock allows, not never.
    expect(rig.clock.alarms).toEqual([15]);
    driven.stop();
  });

  test('is set from what messages and sends do, too', async () => {
    const rig = new Rig();
    rig.rules.onReceive = () => {
      rig.rules.deadline = 30;
      return [send('b', 'slow')];
    };
    rig.start();
    rig.a.arrive('one');
    await turns();
    expect(rig.clock.alarms).toEqual([30]);
  });
});

describe('an application that throws at what it is told', () => {
  test('is reported, and neither the reader nor the timer stops for it', async () => {
    const rig = new Rig();
    const fault = new Error('mine');
    rig.rules.onReceive = (message) => [tell(String(message))];
    rig.rules.onTick = (now) => {
      rig.rules.deadline = now + 10;
      return now === 0 ? [] : [tell(`ticked at ${now}`)];
    };
    drive(rig.rules, {
      ports: { a: rig.a, b: rig.b },
      tell: (what) => {
        rig.told.push(what);
        throw fault;
      },
      onError: (error) => rig.errors.push(error),
      clock: rig.clock,
    });
    for (const message of ['one', 'two']) rig.a.arrive(message);
    await turns();
    rig.clock.advance(20);
    await turns();
    expect(rig.told).toEqual(['one', 'two', 'ticked at 10', 'ticked at 20']);
    expect(rig.errors).toEqual([fault, fault, fault, fault]);
  });
});

describe('stopping', () => {
  test('ends reading and waiting, and lets go of the sources', async () => {
    const rig = new Rig();
    rig.rules.deadline = 10;
    rig.rules.onReceive = () => [send('b', 'first')];
    const driven = rig.start();
    rig.a.arrive('one');
    await turns();
    driven.stop();
    rig.b.sending[0]?.take();
    rig.a.arrive('two');
    await turns();
    rig.clock.advance(100);
    expect(rig.rules.log).toEqual(['tick at 0', 'a: one at 0']);
    expect([rig.b.taken, rig.b.sending]).toEqual([['first'], []]);
    expect([rig.clock.alarms, rig.a.returned, rig.b.returned]).toEqual([[], true, true]);
    expect(rig.errors).toEqual([]);
  });

  test('makes the rest of what rules do nothing', async () => {
    const rig = new Rig();
    const driven = rig.start();
    driven.stop();
    driven.perform(() => [tell('late'), send('a', 'late')]);
    driven.stop();
    await turns();
    expect([rig.told, rig.a.sending, rig.errors]).toEqual([[], [], []]);
  });

  test('frees a reader that waited for the rules to accept', async () => {
    const rig = new Rig();
    rig.rules.open.clear();
    const driven = rig.start();
    await turns();
    driven.stop();
    await turns();
    expect([rig.a.reads, rig.b.reads, rig.a.returned]).toEqual([0, 0, true]);
  });

  test('returns generators, so that what they hold is let go', async () => {
    const rig = new Rig();
    const cleaned: string[] = [];
    async function* source(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i += 1) {
          yield i;
          await turns(1);
        }
      } finally {
        cleaned.push('cleaned');
      }
    }
    const driven = drive(rig.rules, {
      ports: { a: { messages: source() }, b: {} },
      tell: () => {},
      onError: (error) => rig.errors.push(error),
      clock: rig.clock,
    });
    await until(() => rig.rules.log.length > 3);
    driven.stop();
    await until(() => cleaned.length > 0);
    const { length } = rig.rules.log;
    await turns(5);
    expect([rig.rules.log.length, rig.errors]).toEqual([length, []]);
  });
});

describe('a flood on one port', () => {
  /** A source that always has another message ready, until it runs dry if nobody stops it. */
  function flood(state: { stopped: boolean; dry: boolean; count: number }): AsyncIterable<unknown> {
    const end = performance.now() + 4000;
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          state.count += 1;
          state.dry = performance.now() > end;
          const done = state.stopped || state.dry;
          return Promise.resolve(done ? { value: undefined, done } : { value: 1, done });
        },
      }),
    };
  }

  test('starves neither the timer, nor another port, nor a timer of the application', async () => {
    const rules = new LogRules();
    const quiet = new FakePort();
    const state = { stopped: false, dry: false, count: 0 };
    const seen = new Set<string>();
    rules.receive = (from) => {
      if (from === 'b') seen.add('quiet');
      return [];
    };
    rules.tick = (now) => {
      if (rules.deadline !== undefined && now >= rules.deadline) seen.add('tick');
      rules.deadline = now + 10;
      return [];
    };
    const driven = drive(rules, {
      ports: { a: { messages: flood(state) }, b: quiet },
      tell: () => {},
      onError: () => seen.add('error'),
    });
    setTimeout(() => quiet.arrive('hello'), 20);
    setTimeout(() => seen.add('timer'), 20);
    await until(() => seen.size >= 3);
    state.stopped = true;
    driven.stop();
    expect([...seen].toSorted()).toEqual(['quiet', 'tick', 'timer']);
    expect(state.count).toBeGreaterThan(100);
    expect(state.dry).toBe(false);
  });
});
