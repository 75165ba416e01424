/**
 * Tests of a hub's rules: dead letters, and how a hub goes on with what was stored, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';

/** A hub whose store answers when the test says so. */
function slow(options: ConstructorParameters<typeof HubDesk>[0] = {}): HubDesk {
  const desk = new HubDesk(options);
  desk.isPrompt = false;
  return desk;
}

describe('a dead letter', () => {
  /** A hub with dead letters of these items. */
  function withLetters(
    bodies: string,
    options: { maxDeadLetters?: number; maxBytes?: number } = {},
  ): HubDesk {
    const desk = new HubDesk({ maxAttempts: 1, ...options });
    desk.ready(1, 'w');
    desk.put(bodies, { key: 'k' });
    for (const at of bodies.split(' ').keys()) desk.answer('failed', 'w', at + 1);
    return desk;
  }

  test('is kept until it is sent again, as a new item with all of its attempts', () => {
    const desk = withLetters('a');
    expect(desk.pass(10_000)).toEqual([]);
    expect(desk.letters()).toEqual([1]);
    expect(desk.resend(1).toSorted()).toEqual(['items w 2/1:a', 'resent 1 as 2']);
    expect(desk.letters()).toEqual([]);
    desk.done('w', 2);
    expect(desk.rules.queue.ends).toMatchObject({ failed: 1, done: 1 });
  });

  test('is kept until the new item is stored, and is sent once', () => {
    const desk = withLetters('a');
    desk.isPrompt = false;
    expect(desk.resend(1)).toEqual(['store put 2']);
    expect(desk.resend(1)).toEqual([]);
    expect(desk.letters()).toEqual([1]);
    expect(desk.stored()).toContain('resent 1 as 2');
    expect(desk.letters()).toEqual([]);
    expect([...desk.stored(), ...desk.resend(1)]).toEqual([]);
  });

  test('is a dead letter again if it fails again, and has no deadline any more', () => {
    const desk = new HubDesk({ maxAttempts: 1 });
    desk.ready(1, 'w');
    desk.put('a', { deadlineMs: 100 });
    desk.answer('failed', 'w', 1);
    desk.pass(1000);
    expect(desk.resend(1)).toContain('items w 2/1:a');
    desk.pass(1000);
    desk.answer('failed', 'w', 2);
    expect(desk.letters()).toEqual([2]);
  });

  test('is kept of so many, the last ones; those that had to go are counted', () => {
    const desk = withLetters('a b c', { maxDeadLetters: 2 });
    expect(desk.letters()).toEqual([2, 3]);
    expect(desk.rules.queue.letters.dropped).toBe(1);
    expect(desk.restarted().letters()).toEqual([2, 3]);
  });

  test('is kept of so many bytes, the last ones', () => {
    const most = 2 * withLetters('a').rules.queue.letters.bytes;
    expect(withLetters('a b c', { maxBytes: most }).letters()).toEqual([2, 3]);
  });

  test('outlives the hub, with its story, and can be sent again then', () => {
    const desk = withLetters('a b').restarted(10);
    expect(desk.letters()).toEqual([1, 2]);
    const [letter] = desk.rules.queue.letters.all();
    expect(letter?.item.history).toEqual([{ attempt: 1, reason: 'cannot do 1' }]);
    desk.ready(1, 'w');
    expect(desk.resend(2).toSorted()).toEqual(['items w 3/1:b', 'resent 2 as 3']);
    expect(desk.restarted().letters()).toEqual([1]);
  });

  test('of more than may be is the last ones, when a hub goes on with fewer', () => {
    const desk = withLetters('a b c').restarted(0, { maxDeadLetters: 1 });
    expect(desk.letters()).toEqual([3]);
  });
});

describe('a hub that was started again', () => {
  test('names a new store, and goes on under that name', () => {
    const desk = new HubDesk().restarted();
    expect(desk.kept).toEqual([{ kind: 'epoch', epoch: 'life' }]);
  });

  test('gives out what had not ended, in order, and numbers go on', () => {
    const desk = new HubDesk();
    desk.ready(2, 'v');
    desk.put('a b c');
    desk.done('v', 1);
    const next = desk.restarted();
    expect(next.rules.queue.accepted).toBe(2);
    expect(next.ready(5, 'w')).toEqual(['join w', 'items w 2/1:b 3/1:c']);
    next.hello('q');
    expect(next.putAs('q', { body: 'd', seq: 1 })).toContain('accepted q 1=4');
  });

  test('counts attempts that had come to nothing', () => {
    const desk = new HubDesk({ maxAttempts: 2 });
    desk.ready(1, 'v');
    desk.put('a');
    desk.answer('failed', 'v', 1);
    const next = desk.restarted();
    next.ready(1, 'w');
    expect(next.given.get(1)).toBe(2);
    next.answer('failed', 'w', 1);
    expect(next.letters()).toEqual([1]);
  });

  test('keeps delays, deadlines, priorities and keys', () => {
    const desk = new HubDesk();
    desk.put('a', { delayMs: 500 });
    desk.put('b', { deadlineMs: 500 });
    desk.put('c', { priority: 1, key: 'k' });
    desk.put('d', { key: 'k' });
    const next = desk.restarted(400);
    expect(next.ready(1, 'w')).toEqual(['join w', 'items w 3/1:c']);
    expect(next.pass(100)).toEqual([]);
    expect(next.rules.queue.ends.expired).toBe(1);
    expect(next.done('w', 3)).toEqual(['items w 1/1:a']);
    expect(next.done('w', 1)).toEqual(['items w 4/1:d']);
  });

  test('lets expire what has expired meanwhile', () => {
    const desk = new HubDesk();
    desk.put('a', { deadlineMs: 500 });
    const next = desk.restarted(1000);
    next.tick();
    expect(next.ready(1, 'w')).toEqual(['join w']);
    expect(next.rules.queue.ends.expired).toBe(1);
  });

  test('knows what a producer puts again, be it here still or ended', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a b');
    desk.done('v', 1);
    const next = desk.restarted();
    next.hello('p2', 'p');
    const again = [1, 2].map((seq) => ({ body: 'a', seq }));
    expect(next.putAs('p2', ...again)).toEqual(['accepted p2 1=1 2=2']);
    expect(next.rules.queue.accepted).toBe(1);
  });

  test('tells a producer how its items end that had put them before', () => {
    const desk = new HubDesk();
    desk.put('a', { outcome: true });
    const next = desk.restarted();
    next.ready(1, 'w');
    next.hello('p2', 'p');
    expect(next.done('w', 1)).toEqual(['outcome p2 1 done did 1']);
  });

  test('passes over a batch that was kept in part', () => {
    const desk = slow();
    desk.put('a');
    desk.put('b c');
    desk.stored();
    desk.failed(1);
    const next = desk.restarted();
    expect(next.rules.queue.stock.all().map(({ n }) => n)).toEqual([1, 2]);
  });

  test('passes over what was kept twice, because the store had failed in between', () => {
    const desk = slow({ maxAttempts: 3 });
    desk.ready(1, 'v');
    desk.put('a');
    desk.stored();
    desk.answer('failed', 'v', 1);
    desk.failed(1);
    desk.pass(1000);
    desk.stored();
    expect(desk.kept.map(({ kind }) => kind)).toEqual(['put', 'tried', 'tried']);
    const [item] = desk.restarted().rules.queue.stock.all();
    expect(item).toMatchObject({ attempts: 1, history: [{ attempt: 1 }] });
  });

  test('still knows which items are to be the only ones of their key', () => {
    const desk = new HubDesk();
    const unique = { key: 'k', unique: true };
    desk.put('a', unique);
    const next = desk.restarted();
    next.hello('q');
    expect(next.putAs('q', { body: 'b', seq: 1, wishes: unique })).toEqual(['accepted q 1=1']);
  });
});
