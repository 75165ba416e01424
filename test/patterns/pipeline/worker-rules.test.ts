/**
 * Tests of a worker's rules, and of what counts as a message to a worker, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { type Job, WorkerRules } from '../../../patterns/pipeline/worker-rules.ts';
import { sentTo, toldBy } from './actions.ts';

const made = (concurrency = 1): WorkerRules => new WorkerRules({ name: 'w', concurrency });
const item = (id: number, value: unknown = `item ${id}`) => ['item', 'r', id, value] as const;
const job = (id: number): Job => ({ run: 'r', id, value: `item ${id}` });

describe('taking items', () => {
  test('a worker takes one item at a time', () => {
    const rules = made();
    expect(rules.accepts('from')).toBe(true);
    expect(toldBy(rules.receive('from', item(7)))).toEqual([job(7)]);
    expect(rules.accepts('from')).toBe(false);
    rules.done(job(7), 'x');
    expect(rules.accepts('from')).toBe(true);
  });

  test('or as many as its concurrency', () => {
    const rules = made(3);
    for (const id of [0, 1, 2]) {
      expect(rules.accepts('from')).toBe(true);
      rules.receive('from', item(id));
    }
    expect(rules.accepts('from')).toBe(false);
    rules.done(job(1), 'x');
    expect(rules.accepts('from')).toBe(true);
    expect(rules.inFlight).toBe(2);
  });

  test('a worker waits for nothing but messages', () => {
    const rules = made();
    rules.receive('from', item(0));
    expect([rules.deadline, rules.tick()]).toEqual([undefined, []]);
  });

  test('a worker never reads from the sink', () => {
    expect(made().accepts('to')).toBe(false);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['text', 'item'],
    ['an object', { kind: 'item' }],
    ['an empty list', []],
    ['an unknown word', ['work', 'r', 0, 'x']],
    ['an item without a value', ['item', 'r', 0]],
    ['an item with too much', ['item', 'r', 0, 'x', 'y']],
    ['an item with a negative number', ['item', 'r', -1, 'x']],
    ['an item with half a number', ['item', 'r', 0.5, 'x']],
    ['an item with a number beyond all safety', ['item', 'r', 2 ** 53, 'x']],
    ['an item with a bigint for a number', ['item', 'r', 1n, 'x']],
    ['an item of no run', ['item', 7, 0, 'x']],
    ['a stop of no run', ['stop']],
    ['bytes', new Uint8Array(4)],
  ])('%s is counted as a fault and dropped', (_, message) => {
    const rules = made();
    expect(rules.receive('from', message)).toEqual([]);
    expect(rules).toMatchObject({ faults: 1, received: 0, inFlight: 0 });
    expect(rules.accepts('from')).toBe(true);
  });
});

describe('outcomes', () => {
  test('a result goes to the sink with its number and the name of the worker', () => {
    const rules = made();
    rules.receive('from', item(3));
    expect(sentTo('to', rules.done(job(3), { a: 1 }))).toEqual([['done', 'r', 3, 'w', { a: 1 }]]);
    expect(rules).toMatchObject({ received: 1, failed: 0, inFlight: 0 });
  });

  test('a failure does too, and is counted', () => {
    const rules = made();
    rules.receive('from', item(3));
    expect(sentTo('to', rules.fail(job(3), new Error('no')))).toEqual([
      ['failed', 'r', 3, 'w', 'no'],
    ]);
    expect(rules).toMatchObject({ received: 1, failed: 1, inFlight: 0 });
  });

  test.each([
    ['text', 'no'],
    ['nothing', undefined],
    ['a symbol', Symbol('no')],
    ['an object that is no text', Object.create(null) as unknown],
    ['an error whose message is no text', Object.assign(new Error('no'), { message: { no: 1 } })],
  ])('a handler may throw %s', (_, thrown) => {
    const rules = made();
    rules.receive('from', item(0));
    const [outcome] = sentTo('to', rules.fail(job(0), thrown));
    expect(outcome).toEqual(['failed', 'r', 0, 'w', expect.any(String)]);
    expect(rules.inFlight).toBe(0);
  });

  test('a reason is cut to a length that travels', () => {
    const rules = made();
    rules.receive('from', item(0));
    const [outcome] = sentTo('to', rules.fail(job(0), new Error('x'.repeat(5000))));
    expect(outcome?.[4]).toBe('x'.repeat(1000));
  });

  test('a failure that cannot travel either is given up, and counted once', () => {
    const rules = made();
    rules.receive('from', item(0));
    const [outcome] = sentTo('to', rules.fail(job(0), new Error('why')));
    expect(outcome && rules.unsent('to', outcome, new Error('no'))).toEqual([]);
    expect(rules.failed).toBe(1);
  });

  test('a result that cannot travel is a failure', () => {
    const rules = made();
    rules.receive('from', item(0));
    const [outcome] = sentTo(
      'to',
      rules.done(job(0), () => {}),
    );
    const actions = outcome === undefined ? [] : rules.unsent('to', outcome, new Error('why'));
    expect(sentTo('to', actions)).toEqual([['failed', 'r', 0, 'w', 'why']]);
    expect(rules.failed).toBe(1);
  });
});

describe('leaving', () => {
  test('an idle worker leaves when it is told to stop', () => {
    const rules = made();
    expect(toldBy(rules.receive('from', ['stop', 'r']))).toEqual(['finished']);
    expect(rules.accepts('from')).toBe(false);
  });

  test('a busy one first finishes all that it holds, and then takes nothing more', () => {
    const rules = made(3);
    rules.receive('from', item(0));
    rules.receive('from', item(1));
    expect(rules.receive('from', ['stop', 'r'])).toEqual([]);
    expect(rules.accepts('from')).toBe(false);
    expect(toldBy(rules.done(job(1), 'x'))).toEqual([]);
    const last = rules.fail(job(0), 'no');
    expect(last.map(({ kind }) => kind)).toEqual(['send', 'tell']);
    expect(toldBy(last)).toEqual(['finished']);
  });
});
