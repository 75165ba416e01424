/**
 * Drive: moves messages between ports and rules, in order and under pressure, and decides nothing.
 */
import { describe, expect, test } from 'vitest';
import { send, tell } from '../../src/rules/rules.ts';
import { type Driven, type DriveOptions, drive } from '../../src/run/drive.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { turns } from '../support/turns.ts';
import { FakePort, LogRules, type Name } from './fake-port.ts';

class Rig {
  readonly rules = new LogRules();
  readonly clock = new ManualClock(0);
  readonly told: string[] = [];
  readonly errors: unknown[] = [];
  readonly a: FakePort;
  readonly b: FakePort;

  constructor(prompt = true) {
    this.a = new FakePort(prompt);
    this.b = new FakePort(prompt);
  }

  start(more: Partial<DriveOptions<Name, string, string>> = {}): Driven<Name, string, string> {
    return drive(this.rules, {
      ...more,
      ports: { a: this.a, b: this.b },
      tell: (what) => this.told.push(what),
      onError: (error) => this.errors.push(error),
      clock: this.clock,
    });
  }
}

describe('reading', () => {
  test('hands each message to the rules, with its port and the time, one at a time', async () => {
    const rig = new Rig();
    rig.start();
    rig.a.arrive('one');
    rig.b.arrive('two');
    await turns();
    rig.clock.advance(5);
    rig.a.arrive('three');
    await turns();
    expect(rig.rules.log).toEqual(['tick at 0', 'a: one at 0', 'b: two at 0', 'a: three at 5']);
    expect([rig.a.reads, rig.b.reads]).toEqual([3, 2]);
  });

  test('ticks before it reads, so that rules can begin', async () => {
    const rig = new Rig();
    rig.rules.onTick = () => [tell('begun'), send('a', 'hello')];
    rig.start();
    await turns();
    expect([rig.told, rig.a.taken]).toEqual([['begun'], ['hello']]);
  });

  test('does not ask a port for a message while the rules do not accept from it', async () => {
    const rig = new Rig();
    rig.rules.open.delete('a');
    const driven = rig.start();
    rig.a.arrive('early');
    rig.b.arrive('free');
    await turns();
    expect(rig.a.reads).toBe(0);
    expect(rig.rules.log).toEqual(['tick at 0', 'b: free at 0']);
    driven.perform(() => {
      rig.rules.open.add('a');
      return [];
    });
    await turns();
    expect(rig.rules.log.at(-1)).toBe('a: early at 0');
  });

  test('stops when a message makes the rules stop accepting, and goes on after a tick', async () => {
    const rig = new Rig();
    rig.rules.onReceive = () => {
      rig.rules.open.delete('a');
      rig.rules.deadline = 10;
      return [];
    };
    rig.start();
    for (const message of ['one', 'two']) rig.a.arrive(message);
    await turns();
    expect([rig.a.reads, rig.rules.log.length]).toEqual([1, 2]);
    rig.rules.onTick = () => {
      rig.rules.deadline = undefined;
      rig.rules.open.add('a');
      return [];
    };
    rig.clock.advance(10);
    await turns();
    expect(rig.rules.log.slice(2)).toEqual(['tick at 10', 'a: two at 10']);
  });

  test('goes on when a message on another port makes the rules accept again', async () => {
    const rig = new Rig();
    rig.rules.open.delete('a');
    rig.start();
    rig.a.arrive('waits');
    await turns();
    rig.rules.onReceive = () => {
      rig.rules.open.add('a');
      return [];
    };
    rig.b.arrive('frees');
    await turns();
    expect(rig.rules.log.slice(1)).toEqual(['b: frees at 0', 'a: waits at 0']);
  });

  test('tells the rules that a port has ended, and leaves the other ports alone', async () => {
    const rig = new Rig();
    rig.start();
    rig.a.arrive('last');
    rig.a.end();
    await turns();
    rig.b.arrive('more');
    await turns();
    expect(rig.rules.log.slice(1)).toEqual(['a: last at 0', 'a ended at 0', 'b: more at 0']);
    expect([rig.told, rig.a.reads]).toEqual([['a is over'], 2]);
  });

  test('reports a source that throws, and leaves the other ports alone', async () => {
    const rig = new Rig();
    rig.start();
    const fault = new Error('broken');
    rig.a.fail(fault);
    await turns();
    rig.b.arrive('more');
    await turns();
    expect(rig.errors).toEqual([fault]);
    expect(rig.rules.log.slice(1)).toEqual(['b: more at 0']);
    expect(rig.a.reads).toBe(1);
  });

  test('needs no port to be read, nor any to be written', async () => {
    const rig = new Rig();
    rig.rules.onTick = () => [send('a', 'to nowhere')];
    const { send: write } = rig.b;
    drive(rig.rules, {
      ports: { a: {}, b: { send: write } },
      tell: () => {},
      onError: (error) => rig.errors.push(error),
      clock: rig.clock,
    });
    await turns();
    expect([rig.rules.log, rig.errors]).toEqual([['tick at 0'], []]);
  });
});

describe('pressure', () => {
  test('travels back: the next message is read once all that the last caused is taken', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = () => [send('b', 'first'), send('b', 'second')];
    rig.start();
    rig.a.arrive('one');
    rig.a.arrive('two');
    await turns();
    expect(rig.b.sending.map(({ message }) => message)).toEqual(['first', 'second']);
    rig.b.sending[0]?.take();
    await turns();
    expect(rig.a.reads).toBe(1);
    rig.rules.onReceive = () => [];
    rig.b.sending[0]?.take();
    await turns();
    expect(rig.a.reads).toBe(3);
    expect(rig.rules.log.slice(1)).toEqual(['a: one at 0', 'a: two at 0']);
  });

  test('is let build up to a window, if there is one', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = (message) => [send('b', String(message))];
    rig.start({ window: 3 });
    for (const message of ['one', 'two', 'three', 'four']) rig.a.arrive(message);
    await turns();
    expect(rig.b.sending.map(({ message }) => message)).toEqual(['one', 'two', 'three']);
    rig.b.sending[1]?.take();
    await turns();
    expect(rig.b.sending.map(({ message }) => message)).toEqual(['one', 'three', 'four']);
  });

  test('of one port does not hold up another', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = (message) => (message === 'stuck' ? [send('b', 'slow')] : []);
    rig.start();
    rig.a.arrive('stuck');
    await turns();
    for (const message of ['one', 'two']) rig.b.arrive(message);
    await turns();
    expect(rig.rules.log.slice(2)).toEqual(['b: one at 0', 'b: two at 0']);
  });

  test('does not hold up ticks, nor what the application asks', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = () => [send('b', 'slow')];
    const driven = rig.start();
    rig.a.arrive('stuck');
    await turns();
    rig.rules.deadline = 5;
    driven.perform(() => [tell('asked')]);
    rig.clock.advance(5);
    expect(rig.told).toEqual(['asked']);
    expect(rig.rules.log.at(-1)).toBe('tick at 5');
  });
});

describe('writing', () => {
  test('keeps the order of all that is sent to a port, and holds nothing back', async () => {
    const rig = new Rig(false);
    let n = 0;
    rig.rules.onReceive = () => [send('a', `r${++n}`), send('b', `x${n}`), send('a', `s${n}`)];
    const driven = rig.start();
    rig.a.arrive(1);
    driven.perform(() => [send('a', 'asked')]);
    await turns();
    expect(rig.a.sending.map(({ message }) => message)).toEqual(['asked', 'r1', 's1']);
    expect(rig.b.sending.map(({ message }) => message)).toEqual(['x1']);
  });

  test('of one port goes on while another is stuck', async () => {
    const rig = new Rig(false);
    const driven = rig.start();
    driven.perform(() => [send('a', 'stuck'), send('b', 'goes')]);
    await turns();
    rig.b.sending[0]?.take();
    driven.perform(() => [send('b', 'goes on')]);
    await turns();
    expect(rig.b.sending[0]?.message).toBe('goes on');
    expect(rig.a.sending[0]?.message).toBe('stuck');
  });

  test('tells the rules what did not leave and why, and does what they answer', async () => {
    const rig = new Rig(false);
    const unsent: unknown[] = [];
    Object.assign(rig.rules, {
      unsent: (...args: readonly unknown[]) => {
        unsent.push(args);
        return [send('b', 'instead'), tell('failed')];
      },
    });
    const driven = rig.start();
    driven.perform(() => [send('a', 'bad'), send('a', 'good')]);
    await turns();
    const fault = new Error('no');
    rig.clock.advance(3);
    rig.a.sending[0]?.refuse(fault);
    await turns();
    expect(unsent).toEqual([['a', 'bad', fault, 3]]);
    expect([rig.told, rig.b.sending[0]?.message]).toEqual([['failed'], 'instead']);
    expect(rig.a.sending[0]?.message).toBe('good');
    expect(rig.errors).toEqual([]);
  });

  test('reports what did not leave if the rules do not care, and goes on', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = () => [send('b', 'bad')];
    rig.start();
    rig.a.arrive('one');
    await turns();
    const fault = new Error('no');
    rig.b.sending[0]?.refuse(fault);
    rig.a.arrive('two');
    await turns();
    expect(rig.errors).toEqual([fault]);
    expect(rig.rules.log.at(-1)).toBe('a: two at 0');
  });

  test('copes with a port whose send throws instead of rejecting', async () => {
    const rig = new Rig();
    const fault = new Error('thrown');
    const driven = drive(rig.rules, {
      ports: {
        a: {
          send: () => {
            throw fault;
          },
        },
        b: rig.b,
      },
      tell: () => {},
      onError: (error) => rig.errors.push(error),
      clock: rig.clock,
    });
    driven.perform(() => [send('a', 'bad'), send('b', 'good')]);
    await turns();
    expect([rig.errors, rig.b.taken]).toEqual([[fault], ['good']]);
  });
});
