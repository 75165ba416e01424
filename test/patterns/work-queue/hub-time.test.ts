/**
 * Tests of a hub's rules: delays, deadlines, priorities and keys, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';
import { RETRY_MS } from './queue-desk.ts';

describe('an item with a delay', () => {
  test('is given to a worker when its time has come, and not before', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    expect(desk.put('a', { delayMs: 500 })).toEqual(['accepted p 1=1']);
    expect(desk.pass(499)).toEqual([]);
    expect(desk.pass(1)).toEqual(['items w 1/1:a']);
  });

  test('lets others go first, and comes after those that were ready before', () => {
    const desk = new HubDesk();
    desk.put('a', { delayMs: 50 });
    desk.put('b');
    desk.pass(50);
    desk.put('c');
    expect(desk.ready(3, 'w')).toEqual(['join w', 'items w 2/1:b 1/1:a 3/1:c']);
  });

  test('waits from the moment it is put, however slow the store is', () => {
    const desk = new HubDesk();
    desk.isPrompt = false;
    desk.ready(1, 'w');
    desk.put('a', { delayMs: 50 });
    desk.pass(60);
    expect(desk.stored()).toEqual(expect.arrayContaining(['items w 1/1:a']));
  });
});

describe('an item with a deadline', () => {
  test('expires when its time is over, and not before', () => {
    const desk = new HubDesk();
    desk.put('a', { deadlineMs: 500, outcome: true });
    expect(desk.pass(499)).toEqual([]);
    expect(desk.pass(1)).toEqual(['outcome p 1 expired']);
    expect(desk.ready(1, 'w')).toEqual(['join w']);
    expect(desk.rules.queue.ends.expired).toBe(1);
  });

  test('is not given to a worker that is free before anybody has looked', () => {
    const desk = new HubDesk();
    desk.put('a', { deadlineMs: 500, outcome: true });
    desk.now += 500;
    expect(desk.ready(1, 'w')).toEqual(['join w', 'outcome p 1 expired']);
  });

  test('that has passed while the store was at work is given to nobody', () => {
    const desk = new HubDesk();
    desk.isPrompt = false;
    desk.ready(1, 'w');
    desk.put('a', { deadlineMs: 50, outcome: true });
    desk.pass(60);
    expect(desk.stored().toSorted()).toEqual(['accepted p 1=1', 'store end 1']);
    expect(desk.stored()).toEqual(['outcome p 1 expired']);
  });

  test('expires while a worker has it, which is told', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { deadlineMs: 500, outcome: true });
    expect(desk.pass(500).toSorted()).toEqual(['outcome p 1 expired', 'stop w 1/1']);
    expect(desk.done('w', 1)).toEqual([]);
    expect(desk.rules.queue.ends).toMatchObject({ expired: 1, done: 0 });
  });

  test('expires while it waits for its next attempt, for its time, or for its turn', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { deadlineMs: RETRY_MS - 1 });
    desk.answer('failed', 'w', 1);
    desk.put('b', { deadlineMs: RETRY_MS - 1, delayMs: 1000 });
    desk.put('c', { key: 'k' });
    desk.put('d', { key: 'k', deadlineMs: RETRY_MS - 1 });
    expect(desk.pass(RETRY_MS - 1)).toEqual([]);
    expect(desk.rules.queue.ends.expired).toBe(3);
    expect([...desk.done('w', 3), ...desk.pass(2000)]).toEqual([]);
  });

  test('expires among those that were lost with their worker', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a', { deadlineMs: 50 });
    desk.gone('v');
    desk.pass(50);
    expect(desk.ready(1, 'w')).toEqual(['join w']);
    expect(desk.rules.queue.backlog.suspects).toBe(0);
  });

  test('that is done in time has not expired', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { deadlineMs: 50 });
    desk.done('w', 1);
    expect(desk.pass(1000)).toEqual([]);
    expect(desk.rules.queue.ends).toMatchObject({ expired: 0, done: 1 });
  });
});

describe('of items with priorities', () => {
  test('the greater goes first, and among equals the older', () => {
    const desk = new HubDesk();
    desk.put('a b');
    desk.put('c d', { priority: 1 });
    desk.put('e', { priority: 255 });
    expect(desk.ready(5, 'w')).toEqual(['join w', 'items w 5/1:e 3/1:c 4/1:d 1/1:a 2/1:b']);
  });

  test('one that comes later goes before others of less', () => {
    const desk = new HubDesk();
    desk.put('a');
    desk.put('b', { priority: 3 });
    expect(desk.ready(1, 'w')).toEqual(['join w', 'items w 2/1:b']);
    desk.put('c', { priority: 2 });
    desk.put('d', { priority: 9 });
    expect(desk.done('w', 2)).toEqual(['items w 4/1:d']);
    expect(desk.done('w', 4)).toEqual(['items w 3/1:c']);
    expect(desk.done('w', 3)).toEqual(['items w 1/1:a']);
  });

  test('one that comes back goes before others of the same', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a b', { priority: 1 });
    desk.put('c', { priority: 2 });
    desk.leave('v');
    desk.back('v', 1);
    expect(desk.ready(3, 'w')).toEqual(['join w', 'items w 3/1:c 1/1:a 2/1:b']);
  });
});

describe('items with the same key', () => {
  test('are done one after the other, in order; others are not kept waiting', () => {
    const desk = new HubDesk();
    desk.ready(5, 'w');
    desk.put('a b c', { key: 'k' });
    expect(desk.given).toEqual(new Map([[1, 1]]));
    expect(desk.put('d', { key: 'other' })).toContain('items w 4/1:d');
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
    expect(desk.done('w', 2)).toEqual(['items w 3/1:c']);
    desk.done('w', 3, 4);
    expect(desk.rules.queue.backlog.keys).toBe(0);
  });

  test('keep their turn while one waits for its next attempt', () => {
    const desk = new HubDesk();
    desk.ready(5, 'w');
    desk.put('a b', { key: 'k' });
    expect(desk.answer('failed', 'w', 1)).toEqual([]);
    expect(desk.pass(RETRY_MS)).toEqual(['items w 1/2:a']);
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
  });

  test('keep their turn when a worker is lost, or gives one back', () => {
    const desk = new HubDesk();
    desk.ready(5, 'v');
    desk.put('a b', { key: 'k' });
    desk.gone('v');
    expect(desk.ready(5, 'w')).toEqual(['join w', 'items w 1/2:a']);
    desk.leave('w');
    desk.back('w', 1);
    expect(desk.ready(5, 'x')).toEqual(['join x', 'items x 1/2:a']);
    expect(desk.done('x', 1)).toEqual(['items x 2/1:b']);
  });

  test('go on after one that failed for good, was discarded, or was cancelled', () => {
    const desk = new HubDesk({ maxAttempts: 1 });
    desk.ready(1, 'w');
    desk.put('a b c d', { key: 'k' });
    expect(desk.answer('failed', 'w', 1)).toEqual(['items w 2/1:b']);
    desk.cancel(3);
    expect(desk.answer('discard', 'w', 2)).toEqual(['items w 4/1:d']);
  });

  test('wait for a worker that has not let go of one that was cancelled', () => {
    const desk = new HubDesk();
    desk.ready(5, 'w');
    desk.put('a b', { key: 'k' });
    expect(desk.cancel(1)).toEqual(['stop w 1/1']);
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
  });

  test('go on when the worker of one that was cancelled is lost', () => {
    const desk = new HubDesk();
    desk.ready(5, 'v');
    desk.put('a b', { key: 'k' });
    desk.cancel(1);
    desk.ready(5, 'w');
    expect(desk.gone('v')).toEqual(['lost v gone', 'items w 2/1:b']);
  });
});
