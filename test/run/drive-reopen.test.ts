/**
 * Drive and reopening: a port is closed with all that waits in it, and another takes its place.
 */
import { describe, expect, test } from 'vitest';
import { reopen, send } from '../../src/rules/rules.ts';
import { type Driven, type DriveOptions, drive, type Port } from '../../src/run/drive.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { turns } from '../support/turns.ts';
import { FakePort, LogRules, type Name } from './fake-port.ts';

class Rig {
  readonly rules = new LogRules();
  readonly errors: unknown[] = [];
  readonly asked: unknown[] = [];
  readonly closed: FakePort[] = [];
  readonly ports: FakePort[] = [];
  readonly b = new FakePort();
  #prompt: boolean;

  constructor(prompt = true) {
    this.#prompt = prompt;
  }

  start(more: Partial<DriveOptions<Name, string, string>> = {}): Driven<Name, string, string> {
    return drive(this.rules, {
      ports: { a: this.#open(), b: this.b },
      open: (name, to) => {
        this.asked.push([name, to]);
        return this.#open();
      },
      tell: () => {},
      onError: (error) => this.errors.push(error),
      clock: new ManualClock(0),
      ...more,
    });
  }

  #open(): Port<string> {
    const port = new FakePort(this.#prompt);
    this.ports.push(port);
    const close = (): void => void this.closed.push(port);
    return { messages: port.messages, send: port.send, close };
  }
}

describe('reopening', () => {
  test('closes the port, opens it where the rules say, and goes on with the new one', async () => {
    const rig = new Rig();
    const driven = rig.start();
    await turns();
    driven.perform(() => [send('a', 'before'), reopen('a', 'elsewhere'), send('a', 'after')]);
    await turns();
    const [old, fresh] = rig.ports;
    expect(rig.asked).toEqual([['a', 'elsewhere']]);
    expect([rig.closed, old?.returned]).toEqual([[old], true]);
    expect([old?.taken, fresh?.taken]).toEqual([['before'], ['after']]);
    fresh?.arrive('hello');
    await turns();
    expect(rig.rules.log).toEqual(['tick at 0', 'a: hello at 0']);
    expect(rig.errors).toEqual([]);
  });

  test('takes no notice of what the old port still gives, refuses or ends with', async () => {
    const rig = new Rig(false);
    const unsent: string[] = [];
    Object.assign(rig.rules, {
      unsent: (_to: Name, message: string) => {
        unsent.push(message);
        return [];
      },
    });
    const driven = rig.start();
    await turns();
    driven.perform(() => [send('a', 'lost'), reopen('a')]);
    const [old] = rig.ports;
    old?.sending[0]?.refuse(new Error('closed'));
    old?.arrive('late');
    await turns();
    expect([rig.rules.log, unsent, rig.errors]).toEqual([['tick at 0'], [], []]);
  });

  test('frees a reader of the new port from what the old one still had on its way', async () => {
    const rig = new Rig(false);
    rig.rules.onReceive = (message) => (message === 'stuck' ? [send('a', 'never taken')] : []);
    const driven = rig.start();
    rig.ports[0]?.arrive('stuck');
    await turns();
    driven.perform(() => [reopen('a')]);
    rig.ports[1]?.arrive('one');
    rig.ports[1]?.arrive('two');
    await turns();
    expect(rig.rules.log.slice(2)).toEqual(['a: one at 0', 'a: two at 0']);
  });

  test('may be the first thing that rules do', async () => {
    const rig = new Rig();
    rig.rules.onTick = () => [reopen('a'), send('a', 'hello')];
    rig.start();
    await turns();
    expect(rig.ports.map(({ reads }) => reads)).toEqual([0, 1]);
    expect(rig.ports[1]?.taken).toEqual(['hello']);
  });

  test('is an error that is told where no way is given, or where it fails, and nothing stops', async () => {
    const rig = new Rig();
    const driven = rig.start({ open: undefined });
    driven.perform(() => [reopen('a')]);
    expect(rig.errors).toEqual([expect.objectContaining({ code: 'BAD_OPTION' })]);

    const other = new Rig();
    const failing = other.start({
      open: () => {
        throw new Error('no more sockets');
      },
    });
    failing.perform(() => [reopen('a')]);
    expect(other.errors).toEqual([new Error('no more sockets')]);
    other.b.arrive('still here');
    await turns();
    expect(other.rules.log).toContain('b: still here at 0');
  });

  test('is over when the rules are stopped', async () => {
    const rig = new Rig();
    const driven = rig.start();
    driven.stop();
    driven.perform(() => [reopen('a')]);
    await turns();
    expect(rig.asked).toEqual([]);
  });
});
