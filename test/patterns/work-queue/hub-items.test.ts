/**
 * Tests of a hub's rules: what becomes of an item, with no sockets.
 */
import { ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';
import { RETRY_MS } from './queue-desk.ts';

describe('an item', () => {
  test('is accepted, given to a worker, done, and counted once', () => {
    const desk = new HubDesk();
    expect(desk.put('a')).toEqual(['accepted p 1=1']);
    expect(desk.ready(1, 'w')).toEqual(['join w', 'items w 1/1:a']);
    expect(desk.done('w', 1)).toEqual([]);
    expect(desk.rules.queue).toMatchObject({ accepted: 1, ends: { done: 1 } });
    expect([desk.rules.queue.stock.size, desk.rules.queue.stock.bytes]).toEqual([0, 0]);
  });

  test('waits for a worker, and goes before what came later', () => {
    const desk = new HubDesk();
    desk.put('a b c');
    expect(desk.ready(2, 'w')).toEqual(['join w', 'items w 1/1:a 2/1:b']);
    expect(desk.done('w', 1)).toEqual(['items w 3/1:c']);
  });

  test('goes at once to a worker that is free', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    expect(desk.put('a').toSorted()).toEqual(['accepted p 1=1', 'items w 1/1:a']);
  });

  test('that is discarded is not tried again, and is no dead letter', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    expect(desk.answer('discard', 'w', 1)).toEqual(['outcome p 1 discarded HANDLER_FAILED']);
    expect(desk.rules.queue.ends.discarded).toBe(1);
    expect(desk.letters()).toEqual([]);
  });

  test('may be as large as any, and is given with others up to some size', () => {
    const desk = new HubDesk();
    desk.put(['x'.repeat(70_000), 'a', 'y'.repeat(70_000), 'b', 'c'].join(' '));
    const given = desk.ready(5, 'w').filter((each) => each.startsWith('items'));
    expect(given.map((each) => each.replaceAll(/x+|y+/g, '_'))).toEqual([
      'items w 1/1:_',
      'items w 2/1:a 3/1:_',
      'items w 4/1:b 5/1:c',
    ]);
  });
});

describe('an item whose handler throws', () => {
  test('is tried again after a while, and not before', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    expect(desk.answer('failed', 'w', 1)).toEqual([]);
    expect(desk.pass(RETRY_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['items w 1/2:a']);
    expect(desk.rules.queue.retried).toBe(1);
  });

  test('waits longer each time', () => {
    const desk = new HubDesk({ maxAttempts: 10 });
    desk.ready(1, 'w');
    desk.put('a');
    for (let wait = RETRY_MS; wait <= 4 * RETRY_MS; wait *= 2) {
      desk.answer('failed', 'w', 1);
      expect(desk.pass(wait - 1)).toEqual([]);
      expect(desk.pass(1)).toEqual([expect.stringContaining('items w 1/')]);
    }
  });

  test('lets others go first while it waits', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b');
    expect(desk.answer('failed', 'w', 1)).toEqual(['items w 2/1:b']);
  });

  test('may be tried as often as the queue says, and is a dead letter then', () => {
    const desk = new HubDesk({ maxAttempts: 3 });
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.answer('failed', 'w', 1);
    desk.pass(1000);
    desk.answer('failed', 'w', 1);
    desk.pass(1000);
    expect(desk.given.get(1)).toBe(3);
    expect(desk.answer('failed', 'w', 1)).toEqual(['outcome p 1 failed HANDLER_FAILED']);
    expect(desk.pass(10_000)).toEqual([]);
    expect(desk.rules.queue.ends.failed).toBe(1);
    expect(desk.letters()).toEqual([1]);
  });

  test('may be tried as often as its producer says', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { maxAttempts: 1 });
    desk.answer('failed', 'w', 1);
    expect(desk.letters()).toEqual([1]);
  });

  test('has its story with it when it is a dead letter', () => {
    const desk = new HubDesk({ maxAttempts: 2 });
    desk.ready(1, 'w');
    desk.put('a');
    desk.answer('failed', 'w', 1);
    desk.pass(1000);
    desk.gone('w');
    const [letter] = desk.rules.queue.letters.all();
    expect(letter?.item.history).toEqual([
      { attempt: 1, reason: 'cannot do 1' },
      { attempt: 2, reason: 'the worker was lost: gone' },
    ]);
  });

  test('says so in whatever bytes: then nobody knows why', () => {
    const desk = new HubDesk({ maxAttempts: 1 });
    desk.ready(1, 'w');
    desk.put('a');
    const said = new ListWriter('failed').uint(1).uint(1).binary(Uint8Array.of(255)).done();
    desk.say('workers', 'w', [said]);
    const [letter] = desk.rules.queue.letters.all();
    expect(letter?.item.history).toEqual([{ attempt: 1, reason: 'the worker did not say' }]);
  });
});

describe('an item that is cancelled', () => {
  test('while it waits is given to nobody', () => {
    const desk = new HubDesk();
    desk.put('a b', { outcome: true });
    expect(desk.about('cancel', 'p', 1)).toEqual(['outcome p 1 cancelled']);
    expect(desk.ready(2, 'w')).toEqual(['join w', 'items w 2/1:b']);
    expect(desk.rules.queue.ends.cancelled).toBe(1);
  });

  test('while it waits for its time never begins', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { delayMs: 50 });
    desk.cancel(1);
    expect(desk.pass(1000)).toEqual([]);
  });

  test('while a worker has it has ended, and what the worker says of it is thrown away', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b', { outcome: true });
    expect(desk.cancel(1).toSorted()).toEqual(['outcome p 1 cancelled', 'stop w 1/1']);
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
    expect(desk.rules.queue.ends).toMatchObject({ cancelled: 1, done: 0 });
    expect(desk.rules.workers.late).toBe(0);
  });

  test('keeps its place with the worker until that has answered', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b');
    desk.cancel(1);
    expect(desk.pass(50)).toEqual([]);
    expect(desk.back('w', 1)).toEqual(['items w 2/1:b']);
  });

  test('with a worker that is lost then is not given out again', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v', 'w');
    desk.put('a');
    desk.cancel(1);
    expect(desk.gone('v')).toEqual(['lost v gone']);
    expect(desk.rules.workers.hands.held).toBe(0);
  });

  test('twice, or after its end, has ended once', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b');
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
    expect([...desk.cancel(1), ...desk.cancel(99)]).toEqual([]);
    expect(desk.cancel(2)).toEqual(['stop w 2/1']);
    expect([...desk.cancel(2), ...desk.about('cancel', 'p', 2)]).toEqual([]);
    expect(desk.rules.queue.ends).toMatchObject({ done: 1, cancelled: 1 });
  });

  test('and is a suspect is not waited with', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    desk.gone('v');
    desk.cancel(1);
    const { suspects, ready, oldestAt } = desk.rules.queue.backlog;
    expect([suspects, ready, oldestAt]).toEqual([0, 0, undefined]);
    expect(desk.ready(1, 'w')).toEqual(['join w']);
    expect(desk.put('b')).toContain('items w 2/1:b');
  });

  test('with all others: nothing is left to wait for', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b');
    desk.put('c', { delayMs: 1000 });
    desk.put('d e', { key: 'k' });
    expect(desk.cancel()).toEqual(['stop w 1/1']);
    expect(desk.done('w', 1)).toEqual([]);
    expect(desk.pass(5000)).toEqual([]);
    const { ends, stock, backlog } = desk.rules.queue;
    expect([ends.cancelled, stock.size, stock.bytes, backlog.ready, backlog.keys]).toEqual([
      5, 0, 0, 0, 0,
    ]);
  });
});

describe('a queue that is full', () => {
  test('of items reads nothing more of its producers, and goes on when one has ended', () => {
    const desk = new HubDesk({ maxItems: 2 });
    desk.ready(1, 'w');
    expect(desk.rules.accepts('producers')).toBe(true);
    desk.put('a b');
    expect([desk.rules.accepts('producers'), desk.rules.accepts('workers')]).toEqual([false, true]);
    desk.done('w', 1);
    expect(desk.rules.accepts('producers')).toBe(true);
  });

  test('of bytes reads nothing more either', () => {
    const desk = new HubDesk({ maxBytes: 4 });
    desk.put('abc');
    expect(desk.rules.accepts('producers')).toBe(true);
    desk.put('d');
    expect(desk.rules.accepts('producers')).toBe(false);
    desk.cancel(1);
    expect(desk.rules.accepts('producers')).toBe(true);
  });

  test('refuses instead, if that is what is wanted', () => {
    const desk = new HubDesk({ maxItems: 2, overflow: 'reject' });
    expect(desk.put('a b c').toSorted()).toEqual(['accepted p 1=1 2=2', 'refused p 3 QUEUE_FULL']);
    expect(desk.rules.accepts('producers')).toBe(true);
    expect(desk.rules.producers.refused).toBe(1);
    desk.cancel(2);
    expect(desk.put('d')).toEqual(['accepted p 4=3']);
  });
});
