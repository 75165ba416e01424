/**
 * Tests of a hub's rules: who is a worker, and who gets what, with no sockets.
 */
import { ListWriter, type PeerMessage } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { numbers, read } from '../../../patterns/work-queue/messages.ts';
import { HubDesk } from './hub-desk.ts';
import { BEAT_MS, TTL_MS } from './queue-desk.ts';

describe('a worker', () => {
  test('is welcomed, and told the name of the queue and how often it beats', () => {
    const desk = new HubDesk();
    expect(desk.ready(1, 'w')).toEqual(['join w']);
    const [welcome] = desk.last;
    const message = welcome?.kind === 'send' ? (welcome.message as PeerMessage) : undefined;
    expect(read(message?.value ?? [])?.list).toEqual(['welcome', 1, 'life', BEAT_MS]);
  });

  test('of another version is told which one is spoken here, and is none', () => {
    const desk = new HubDesk();
    desk.put('a');
    expect(desk.say('workers', 'w', numbers('ready', 2, 1))).toEqual(['version w']);
    expect([desk.rules.workers.hands.size, desk.rules.workers.faults]).toEqual([0, 1]);
  });

  test('is ignored and counted when there are as many as may be', () => {
    const desk = new HubDesk({ maxWorkers: 2 });
    desk.ready(1, 'v', 'w');
    expect(desk.ready(1, 'x')).toEqual([]);
    expect(desk.rules.workers.faults).toBe(1);
    desk.gone('v');
    expect(desk.ready(1, 'x')).toEqual(['join x']);
  });

  test('that says that it is ready once more has forgotten what it had', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a');
    expect(desk.ready(2, 'w')).toEqual(['lost w restarted', 'join w', 'items w 1/2:a']);
    desk.answer('done', 'w', 1, 1);
    expect(desk.rules.workers.late).toBe(1);
    desk.done('w', 1);
    expect(desk.rules.queue.ends.done).toBe(1);
  });
});

describe('items are dealt', () => {
  test('to whoever has the least, and among equals to who has waited longest', () => {
    const desk = new HubDesk();
    desk.ready(3, 'v', 'w');
    expect(desk.put('a b c d')).toEqual(
      expect.arrayContaining(['items v 1/1:a 3/1:c', 'items w 2/1:b 4/1:d']),
    );
    expect(desk.put('e f g').filter((each) => each.startsWith('items'))).toEqual([
      'items v 5/1:e',
      'items w 6/1:f',
    ]);
    expect(desk.rules.queue.backlog.ready).toBe(1);
  });

  test('to a worker that came late as soon as to the others', () => {
    const desk = new HubDesk();
    desk.ready(4, 'v');
    desk.put('a b c');
    desk.ready(4, 'late');
    expect(desk.put('d e f')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^items late 4\/1:d 5\/1:e 6\/1:f$/)]),
    );
  });

  test('never beyond the credit, and again when something has been answered', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a b c d e');
    expect(desk.rules.workers.hands.held).toBe(2);
    expect(desk.done('w', 1)).toEqual(['items w 3/1:c']);
    expect(desk.done('w', 2, 3)).toEqual(['items w 4/1:d 5/1:e']);
    expect(desk.rules.workers.hands.held).toBe(2);
    expect(desk.rules.workers.hands.room).toBe(0);
  });

  test('as the credit says now, be it more or less', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a b c d e');
    expect(desk.credit('w', 3)).toEqual(['items w 2/1:b 3/1:c']);
    expect(desk.credit('w', 1)).toEqual([]);
    expect([...desk.done('w', 1), ...desk.done('w', 2)]).toEqual([]);
    expect(desk.done('w', 3)).toEqual(['items w 4/1:d']);
  });

  test('to nobody who has no credit', () => {
    const desk = new HubDesk();
    desk.ready(0, 'w');
    expect(desk.put('a')).toEqual(['accepted p 1=1']);
    expect(desk.credit('w', 1)).toEqual(['items w 1/1:a']);
  });

  test('within bounds, whatever credit a worker claims to have', () => {
    const desk = new HubDesk();
    desk.ready(Number.MAX_SAFE_INTEGER, 'w');
    const { hands } = desk.rules.workers;
    const { room } = hands;
    expect(room).toBeLessThanOrEqual(100_000);
    desk.credit('w', 1);
    expect(hands.room).toBe(1);
    desk.credit('w', Number.MAX_SAFE_INTEGER);
    expect(hands.room).toBe(room);
  });
});

describe('an answer', () => {
  test('to an earlier attempt is refused and counted', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a', { outcome: true });
    desk.ready(1, 'w');
    desk.gone('v');
    expect(desk.given.get(1)).toBe(2);
    expect(desk.answer('done', 'w', 1, 1)).toEqual([]);
    expect(desk.rules.workers.late).toBe(1);
    expect(desk.done('w', 1)).toEqual(['outcome p 1 done did 1']);
  });

  test('of somebody who was not given the item is refused and counted', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v', 'w');
    desk.put('a', { outcome: true });
    expect([...desk.done('w', 1), ...desk.done('stranger', 1, 2)]).toEqual([]);
    expect(desk.rules.workers.late).toBe(3);
    expect(desk.done('v', 1)).toEqual(['outcome p 1 done did 1']);
  });

  test('that comes twice counts once', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    desk.done('w', 1, 1);
    desk.done('w', 1);
    expect(desk.rules.queue.ends.done).toBe(1);
    expect(desk.rules.workers.late).toBe(2);
  });

  test('to a number that was never given out is refused and counted', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    expect([...desk.done('w', 7), ...desk.back('w', 7)]).toEqual([]);
    expect(desk.rules.workers.late).toBe(2);
  });
});

describe('items that a worker gives back', () => {
  test('go to another as they stood, and no attempt is counted', () => {
    const desk = new HubDesk({ maxAttempts: 1 });
    desk.ready(3, 'v');
    desk.put('a b c d');
    desk.ready(3, 'w');
    desk.leave('v');
    expect(desk.back('v', 2, 3)).toEqual(['items w 2/1:b 3/1:c']);
    expect(desk.rules.queue).toMatchObject({ redelivered: 0, retried: 0 });
  });

  test('wait if there is nobody else', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    desk.leave('w');
    expect(desk.back('w', 1)).toEqual(['bye w', 'lost w left']);
    expect(desk.rules.queue.backlog.ready).toBe(1);
  });
});

describe('a worker that leaves', () => {
  test('is given nothing more, finishes, and is told when it may go', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a', { outcome: true });
    expect(desk.leave('w')).toEqual([]);
    expect(desk.put('b')).toEqual(['accepted p 2=2']);
    expect(desk.done('w', 1).toSorted()).toEqual([
      'bye w',
      'lost w left',
      'outcome p 1 done did 1',
    ]);
  });

  test('with nothing in hand may go at once', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    expect(desk.leave('w')).toEqual(['bye w', 'lost w left']);
    expect(desk.silence(10 * TTL_MS)).not.toContain('lost w silent');
  });

  test('and dies on the way loses nothing', () => {
    const desk = new HubDesk();
    desk.ready(1, 'v');
    desk.put('a');
    desk.leave('v');
    desk.ready(1, 'w');
    expect(desk.gone('v')).toEqual(['lost v gone', 'items w 1/2:a']);
  });
});

describe('what makes no sense is counted and dropped', () => {
  test.each([
    ['bytes that are no message', [Uint8Array.of(255)]],
    ['no frame at all', []],
    ['what only the queue says', [new ListWriter('welcome').uint(1).text('e').uint(1).done()]],
    ['what only a producer says', numbers('ask', 1)],
  ])('of a worker: %s', (_, frames) => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a');
    expect(desk.say('workers', 'w', frames)).toEqual([]);
    expect(desk.rules.workers.faults).toBe(1);
    desk.done('w', 1);
    expect(desk.rules.queue.ends.done).toBe(1);
  });
});
