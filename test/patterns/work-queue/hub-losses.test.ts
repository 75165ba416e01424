/**
 * Tests of a hub's rules: which workers are lost, and what becomes of the items they held, with no sockets.
 */
import { BrokerlessError } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { word } from '../../../patterns/work-queue/messages.ts';
import { HubDesk } from './hub-desk.ts';
import { BEAT_MS, TTL_MS } from './queue-desk.ts';

describe('a worker that is silent for too long', () => {
  test('is lost, not before, and what it had goes to another', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    expect(desk.silence(TTL_MS - 1).filter((each) => !each.startsWith('beat'))).toEqual([]);
    expect(desk.silence(1)).toContain('lost w silent');
    expect(desk.ready(1, 'v')).toEqual(['join v', 'items v 1/2:a']);
    expect(desk.rules.queue.redelivered).toBe(1);
  });

  test('is not lost while it says anything, and is told once an interval that the queue lives', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    for (let i = 0; i < 5; i += 1) {
      expect(desk.silence(TTL_MS - 1).filter((each) => each === 'lost w silent')).toEqual([]);
      desk.say('workers', 'w', word('beat'));
    }
    const beats = desk.silence(2 * BEAT_MS).filter((each) => each === 'beat w');
    expect(beats).toHaveLength(2);
  });

  test('hears for the first time that the queue lives an interval after it came, if it came first', () => {
    const desk = new HubDesk();
    desk.bye('p');
    desk.silence(10 * BEAT_MS);
    desk.ready(1, 'w');
    expect(desk.silence(BEAT_MS - 1)).toEqual([]);
    expect(desk.silence(1)).toEqual(['beat w']);
  });

  test('is lost alone: the others go on', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v', 'w');
    desk.silence(TTL_MS - 1);
    desk.say('workers', 'w', word('beat'));
    const seen = desk.silence(1);
    expect(seen).toContain('lost v silent');
    expect(seen).not.toContain('lost w silent');
    expect(desk.put('a')).toContain('items w 1/1:a');
  });

  test('is a stranger then: what it says is not answered', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    desk.silence(TTL_MS);
    expect([...desk.say('workers', 'w', word('beat')), ...desk.leave('w')]).toEqual([]);
    expect([...desk.done('w', 1), ...desk.credit('w', 9)]).toEqual([]);
    expect(desk.rules.workers).toMatchObject({ late: 1, faults: 0 });
  });

  test('is forgiven when it is the queue that has slept', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    expect(desk.sleep(10 * TTL_MS)).toContain('beat w');
    expect(desk.silence(BEAT_MS - 1)).not.toContain('lost w silent');
    expect(desk.silence(TTL_MS)).toContain('lost w silent');
  });
});

describe('items whose worker was lost', () => {
  test('go to a worker that has nothing else, one at a time', () => {
    const desk = new HubDesk();
    desk.ready(2, 'v');
    desk.put('a b');
    desk.ready(4, 'w');
    expect(desk.gone('v')).toEqual(['lost v gone', 'items w 1/2:a']);
    expect(desk.put('c')).toEqual(['accepted p 3=3']);
    expect(desk.done('w', 1)).toEqual(['items w 2/2:b']);
    expect(desk.done('w', 2)).toEqual(['items w 3/1:c']);
  });

  test('wait until a worker has finished the others', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a');
    desk.ready(1, 'v');
    desk.put('b');
    expect(desk.gone('v')).toEqual(['lost v gone']);
    expect(desk.done('w', 1)).toEqual(['items w 2/2:b']);
  });

  test('take up half of the workers at most; the rest goes on', () => {
    const desk = new HubDesk();
    desk.ready(5, 'v');
    desk.put('a b c d e');
    desk.ready(1, 'w', 'x', 'y');
    expect(desk.gone('v')).toEqual(['lost v gone', 'items w 1/2:a', 'items x 2/2:b']);
    expect(desk.put('f')).toEqual(expect.arrayContaining(['items y 6/1:f']));
  });

  test('do not wait for a worker that is busy when another has nothing', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a');
    desk.ready(1, 'v');
    desk.put('b');
    desk.gone('v');
    expect(desk.ready(1, 'x')).toEqual(['join x', 'items x 2/2:b']);
    expect(desk.put('c')).toContain('items w 3/1:c');
  });

  test('go to another when the worker that is kept for them leaves', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a');
    desk.ready(1, 'v');
    desk.put('b');
    desk.gone('v');
    desk.leave('w');
    expect(desk.rules.workers.hands.reserved.size).toBe(0);
    expect(desk.done('w', 1)).toEqual(['bye w', 'lost w left']);
    expect(desk.ready(1, 'x')).toEqual(['join x', 'items x 2/2:b']);
  });

  test('keep their place among the others as soon as they are done', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    desk.gone('v');
    desk.ready(3, 'w');
    expect(desk.put('b c')).toEqual(['accepted p 2=2 3=3']);
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b 3/1:c']);
    expect(desk.rules.workers.hands.reserved.size).toBe(0);
  });

  test('are given to nobody without credit', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    desk.gone('v');
    expect(desk.ready(0, 'w')).toEqual(['join w']);
    expect(desk.credit('w', 1)).toEqual(['items w 1/2:a']);
  });

  test('are tried as often as any', () => {
    const desk = new HubDesk({ maxAttempts: 2 });
    desk.put('a', { outcome: true });
    desk.ready(1, 'v');
    desk.gone('v');
    desk.ready(1, 'w');
    expect(desk.gone('w')).toEqual(['lost w gone', 'outcome p 1 failed WORKER_LOST']);
    expect(desk.letters()).toEqual([1]);
  });

  test('are like any others once a worker has thrown because of them', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    desk.gone('v');
    desk.ready(2, 'w');
    desk.answer('failed', 'w', 1);
    desk.put('b');
    expect(desk.pass(1000)).toEqual(['items w 1/3:a']);
  });

  test('with many at the same time are each given out once', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v', 'w');
    desk.put('a b');
    desk.ready(1, 'x', 'y');
    const seen = desk.gone('v', 'w');
    expect(seen).toEqual(['lost v gone', 'lost w gone', 'items x 1/2:a']);
    expect(desk.done('x', 1)).toEqual(['items x 2/2:b']);
  });
});

describe('items that have not left', () => {
  test('were no attempt, and their worker is none any more', () => {
    const desk = new HubDesk();
    desk.ready(2, 'v');
    desk.put('a b');
    const gone = desk.unsent('workers', 'v', new BrokerlessError('UNREACHABLE', 'gone'));
    expect(gone).toEqual(['lost v gone']);
    expect(desk.ready(2, 'w')).toEqual(['join w', 'items w 1/1:a 2/1:b']);
  });

  test('for another reason say that the worker takes nothing', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    expect(desk.unsent('workers', 'v', new Error('full'))).toEqual(['lost v nothing']);
  });

  test('do not take back what left before', () => {
    const desk = new HubDesk();
    desk.ready(2, 'v');
    desk.put('a');
    desk.put('b');
    expect(desk.unsent('workers', 'v', new Error('full'))).toEqual(['lost v nothing']);
    expect(desk.ready(2, 'w')).toEqual(['join w', 'items w 1/2:a']);
    expect(desk.done('w', 1)).toEqual(['items w 2/1:b']);
  });
});
