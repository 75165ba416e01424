/**
 * Tests of a hub's rules: what is stored, and what waits for it, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';

/** A hub whose store answers when the test says so. */
function slow(options: ConstructorParameters<typeof HubDesk>[0] = {}): HubDesk {
  const desk = new HubDesk(options);
  desk.isPrompt = false;
  return desk;
}

describe('until the store has it', () => {
  test('an item is not accepted, not counted, and given to nobody', () => {
    const desk = slow();
    desk.ready(1, 'w');
    expect(desk.put('a')).toEqual(['store put 1']);
    expect(desk.pass(50)).toEqual([]);
    expect(desk.rules.queue.accepted).toBe(0);
    expect(desk.rules.queue.stock.size).toBe(1);
    expect(desk.stored().toSorted()).toEqual(['accepted p 1=1', 'items w 1/1:a']);
    expect(desk.rules.queue.accepted).toBe(1);
  });

  test('the end of an item is not told, and not counted', () => {
    const desk = slow();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.stored();
    expect(desk.done('w', 1)).toEqual(['store end 1']);
    expect(desk.rules.queue.ends.done).toBe(0);
    expect(desk.about('ask', 'p', 1)).toEqual([]);
    expect(desk.stored()).toEqual(['outcome p 1 done did 1']);
    expect(desk.rules.queue.ends.done).toBe(1);
  });

  test('an item that has ended does not end again, whatever comes meanwhile', () => {
    const desk = slow();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.stored();
    expect(desk.done('w', 1)).toEqual(['store end 1']);
    expect([...desk.cancel(1), ...desk.cancel()]).toEqual([]);
    expect(desk.stored()).toEqual(['outcome p 1 done did 1']);
    expect(desk.stored()).toEqual([]);
    expect(desk.rules.queue.ends).toMatchObject({ done: 1, cancelled: 0 });
  });

  test('an item that is cancelled has not ended; it has as soon as it was accepted', () => {
    const desk = slow();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    expect([...desk.cancel(1), ...desk.cancel(1)]).toEqual([]);
    expect(desk.stored().toSorted()).toEqual(['accepted p 1=1', 'store end 1']);
    expect(desk.stored()).toEqual(['outcome p 1 cancelled']);
  });
});

describe('the store', () => {
  test('is given one batch at a time, and all that came meanwhile with the next', () => {
    const desk = slow();
    desk.put('a');
    expect([...desk.put('b'), ...desk.put('c')]).toEqual([]);
    expect(desk.stored().toSorted()).toEqual(['accepted p 1=1', 'store put 2,put 3']);
    expect(desk.stored()).toEqual(['accepted p 2=2 3=3']);
  });

  test('is told what came of each attempt, and how items end', () => {
    const desk = new HubDesk({ maxAttempts: 2 });
    desk.ready(1, 'w');
    desk.put('a');
    desk.answer('failed', 'w', 1);
    desk.pass(1000);
    desk.answer('failed', 'w', 1);
    const wall = 1_000_000 + desk.now;
    expect(desk.kept.slice(1)).toEqual([
      { kind: 'tried', n: 1, attempt: 1, reason: 'cannot do 1' },
      { kind: 'tried', n: 1, attempt: 2, reason: 'cannot do 1' },
      { kind: 'end', n: 1, status: 'failed', at: wall },
    ]);
  });

  test('that is forgetful is told nothing, and nothing waits for it', () => {
    const desk = slow({ isForgetful: true });
    expect(desk.put('a b')).toEqual(['accepted p 1=1 2=2']);
    expect(desk.kept).toEqual([]);
  });

  test('keeps times of the world, not of a process', () => {
    const desk = new HubDesk({ wallOffsetMs: 5_000_000 });
    desk.put('a', { delayMs: 10, deadlineMs: 100 });
    expect(desk.kept).toMatchObject([
      { kind: 'put', at: 5_001_000, order: { notBefore: 5_001_010, expiresAt: 5_001_100 } },
    ]);
  });
});

describe('a store that fails', () => {
  test('has what was on its way in refused, and not taken on', () => {
    const desk = slow();
    desk.ready(1, 'w');
    desk.put('a b');
    expect(desk.failed()).toEqual(['refused p 1 STORE_FAILED', 'refused p 2 STORE_FAILED']);
    expect([desk.rules.queue.stock.size, desk.rules.queue.stock.bytes]).toEqual([0, 0]);
    expect(desk.rules.producers.refused).toBe(2);
    expect(desk.pass(5000)).toEqual([]);
  });

  test('is tried again after a while with what must not be lost', () => {
    const desk = slow();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.stored();
    desk.done('w', 1);
    expect(desk.failed()).toEqual([]);
    expect(desk.pass(249)).toEqual([]);
    expect(desk.pass(1)).toEqual(['store end 1']);
    expect(desk.stored()).toEqual(['outcome p 1 done did 1']);
    expect(desk.rules.queue.ends.done).toBe(1);
  });

  test('gets first what it has failed to keep, then what came later', () => {
    const desk = slow();
    desk.ready(2, 'w');
    desk.put('a b');
    desk.stored();
    desk.done('w', 1);
    desk.done('w', 2);
    desk.failed();
    expect(desk.put('c')).toEqual([]);
    expect(desk.pass(250)).toEqual(['store end 1,end 2,put 3']);
  });

  test('with nothing to be kept is not waited for: nothing is due', () => {
    const desk = slow();
    desk.put('a');
    desk.failed();
    desk.pass(1000);
    expect(desk.rules.queue.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('has an item that is put again a new one', () => {
    const desk = slow();
    desk.put('a');
    desk.failed();
    desk.pass(1000);
    expect(desk.putAs('p', { body: 'a', seq: 1 })).toEqual(['store put 2']);
    expect(desk.stored()).toEqual(['accepted p 1=2']);
  });

  test('leaves a dead letter where it is', () => {
    const desk = new HubDesk({ maxAttempts: 1 });
    desk.ready(1, 'w');
    desk.put('a');
    desk.answer('failed', 'w', 1);
    desk.isPrompt = false;
    desk.resend(1);
    expect(desk.failed()).toEqual(['not resent 1']);
    expect(desk.letters()).toEqual([1]);
    desk.isPrompt = true;
    desk.pass(1000);
    expect(desk.resend(1)).toContain('resent 1 as 3');
    expect(desk.letters()).toEqual([]);
  });
});
