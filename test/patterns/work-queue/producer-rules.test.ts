/**
 * Tests of a producer's rules: what it sends, what it sends again, and what it tells, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { word } from '../../../patterns/work-queue/messages.ts';
import { ProducerDesk, RECONNECT_MS } from './peer-desk.ts';
import { TTL_MS } from './queue-desk.ts';

/** Its connection is lost, and the queue, under this name, knows it again. */
function again(desk: ProducerDesk, epoch = 'life'): string[] {
  expect(desk.left()).toEqual(['reopen']);
  expect(desk.pass(RECONNECT_MS)).toEqual(['hello me']);
  return desk.welcome(epoch);
}

describe('a producer', () => {
  test('says hello first of all, and sends what it has once it is known', () => {
    const desk = new ProducerDesk();
    expect(desk.put('a')).toEqual([]);
    expect(desk.tick()).toEqual(['hello me']);
    expect(desk.put('b')).toEqual([]);
    expect(desk.welcome()).toEqual(['put (1) 1:a 2:b']);
  });

  test('sends items of one turn together, and says which it knows of', () => {
    const desk = ProducerDesk.met();
    expect(desk.put('a', 'b')).toEqual(['put (1) 1:a 2:b']);
    expect(desk.accepted(1, 7)).toEqual(['accepted 1=7']);
    expect(desk.put('c')).toEqual(['put (2) 3:c']);
    desk.accepted(2, 8, 3, 9);
    expect(desk.put('d')).toEqual(['put (4) 4:d']);
    expect(desk.rules).toMatchObject({ sent: 4, accepted: 3, refused: 0, unanswered: 1 });
  });

  test('does not know of what comes after one that is not answered', () => {
    const desk = ProducerDesk.met();
    desk.put('a', 'b');
    desk.accepted(2, 8);
    expect(desk.put('c')).toEqual(['put (1) 3:c']);
  });

  test('sends in as many messages as it takes', () => {
    const desk = ProducerDesk.met();
    const large = 'x'.repeat(70_000);
    expect(desk.put('a', large, 'b').map((each) => each.replace(/x+/, 'x'))).toEqual([
      'put (1) 1:a 2:x',
      'put (1) 3:b',
    ]);
  });

  test('hears of each answer once', () => {
    const desk = ProducerDesk.met();
    desk.put('a', 'b');
    expect([...desk.accepted(1, 7, 1, 8), ...desk.accepted(1, 7)]).toEqual(['accepted 1=7']);
    expect(desk.refused(2, 'QUEUE_FULL')).toEqual(['refused 2 QUEUE_FULL why']);
    expect([...desk.refused(2, 'QUEUE_FULL'), ...desk.accepted(2, 9, 99, 9)]).toEqual([]);
    expect(desk.rules).toMatchObject({ accepted: 1, refused: 1, faults: 0 });
  });

  test('has room for so many that are not answered, and tells when it has again', () => {
    const desk = ProducerDesk.met({ maxUnanswered: 2 });
    desk.put('a');
    expect(desk.rules.hasRoom).toBe(true);
    desk.put('b');
    expect(desk.rules.hasRoom).toBe(false);
    expect(desk.accepted(1, 7)).toEqual(['accepted 1=7', 'room']);
    expect(desk.refused(2, 'QUEUE_FULL')).not.toContain('room');
  });

  test('says that it goes, and is over', () => {
    const desk = ProducerDesk.met();
    expect(desk.leave()).toEqual(['bye']);
    expect([desk.rules.deadline, desk.rules.accepts()]).toEqual([undefined, false]);
    expect([...desk.left(), ...desk.pass(10_000), ...desk.welcome()]).toEqual([]);
  });

  test('that nobody knows goes without a word', () => {
    const desk = new ProducerDesk();
    desk.tick();
    expect(desk.leave()).toEqual([]);
  });
});

describe('a producer that has lost its connection', () => {
  test('sends again what was not answered, under the same numbers, and nothing else', () => {
    const desk = ProducerDesk.met();
    desk.put('a', 'b', 'c');
    desk.accepted(1, 7);
    desk.refused(3, 'QUEUE_FULL');
    expect(again(desk)).toEqual(['put (2) 2:b']);
    expect(desk.put('d')).toEqual(['put (2) 4:d']);
  });

  test('sends what was put meanwhile', () => {
    const desk = ProducerDesk.met();
    desk.left();
    expect(desk.put('a')).toEqual([]);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome()).toEqual(['put (1) 1:a']);
  });

  test('asks again how items end that it waits for', () => {
    const desk = ProducerDesk.met();
    desk.put('!a', '!b');
    desk.accepted(1, 7, 2, 8);
    desk.outcome(8);
    expect(again(desk)).toEqual(['ask 7']);
    expect(desk.outcome(7)).toEqual(['ended life-7 done']);
    expect(again(desk)).toEqual([]);
  });

  test('knows that what another queue had accepted is lost; the rest is put anew', () => {
    const desk = ProducerDesk.met();
    desk.put('!a', '!b');
    desk.accepted(1, 7);
    expect(again(desk, 'another')).toEqual(['ended life-7 lost', 'put (2) 2:!b']);
    expect(desk.accepted(2, 1)).toEqual(['accepted 2=1']);
    expect(desk.outcome(1)).toEqual(['ended another-1 done']);
    expect(desk.rules.followed).toBe(0);
  });

  test('notices by silence', () => {
    const desk = ProducerDesk.met();
    expect(desk.pass(TTL_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['reopen']);
    const alive = ProducerDesk.met();
    expect(alive.passWithBeats(10 * TTL_MS)).toEqual([]);
  });

  test('because something did not leave sends it again', () => {
    const desk = ProducerDesk.met();
    desk.put('a');
    expect(desk.unsent()).toEqual(['reopen']);
    expect(desk.unsent()).toEqual([]);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome()).toEqual(['put (1) 1:a']);
  });

  test('takes no notice of what the old connection still brings', () => {
    const desk = ProducerDesk.met();
    desk.put('a');
    desk.left();
    expect(desk.accepted(1, 7)).toEqual([]);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome()).toEqual(['put (1) 1:a']);
  });

  test('forgets what it was about to say: it is said anew', () => {
    const desk = ProducerDesk.met();
    const put = { body: new Uint8Array(0), wishes: undefined, isFollowed: false };
    desk.rules.put(put);
    expect(desk.left()).toEqual(['reopen']);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome()).toEqual(['put (1) 1:']);
  });
});

describe('the end of an item', () => {
  test('is told once, of items that somebody waits for', () => {
    const desk = ProducerDesk.met();
    desk.put('!a', 'b');
    desk.accepted(1, 7, 2, 8);
    expect(desk.rules.followed).toBe(1);
    expect([...desk.outcome(7), ...desk.outcome(7), ...desk.outcome(8)]).toEqual([
      'ended life-7 done',
    ]);
  });

  test('that is asked for besides is awaited once, and told once', () => {
    const desk = ProducerDesk.met();
    desk.put('!a');
    desk.accepted(1, 7);
    expect(desk.ask('life-7')).toEqual(['ask 7']);
    expect(desk.rules.followed).toBe(1);
    expect([...desk.outcome(7), ...desk.outcome(7)]).toEqual(['ended life-7 done']);
    expect(desk.rules.followed).toBe(0);
  });

  test('is asked for by its name', () => {
    const desk = ProducerDesk.met();
    expect(desk.ask('life-8')).toEqual(['ask 8']);
    expect(desk.outcome(8, 'failed')).toEqual(['ended life-8 failed']);
  });

  test('is unknown if another queue had accepted it, or nobody', () => {
    const desk = ProducerDesk.met();
    for (const id of ['other-8', 'life-', 'life-x', 'life--1', 'life-1.5', '', 'life-08']) {
      expect(desk.ask(id)).toEqual([`unknown ${id}`]);
    }
    expect(desk.rules.followed).toBe(0);
  });

  test('is asked for before the queue has said its name, which may turn out another', () => {
    const right = new ProducerDesk();
    expect(right.ask('some-life-8')).toEqual([]);
    right.tick();
    expect(right.welcome('some-life')).toEqual(['ask 8']);
    const wrong = new ProducerDesk();
    expect(wrong.ask('other-8')).toEqual([]);
    wrong.tick();
    expect(wrong.welcome()).toEqual(['unknown other-8']);
  });
});

describe('an item that is cancelled', () => {
  test('is named to the queue that has it, and to no other', () => {
    const desk = ProducerDesk.met();
    expect(desk.cancel('life-7')).toContain('cancel 7');
    expect([...desk.cancel('other-7'), ...desk.cancel('nonsense')]).toEqual([]);
  });

  test('is named again on each new connection, until its end is told', () => {
    const desk = ProducerDesk.met();
    desk.put('!a');
    desk.accepted(1, 7);
    desk.left();
    expect(desk.cancel('life-7')).toEqual([]);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome()).toEqual(['cancel 7', 'ask 7']);
    expect(again(desk)).toEqual(['cancel 7', 'ask 7']);
    expect(desk.outcome(7, 'cancelled')).toEqual(['ended life-7 cancelled']);
    expect(again(desk)).toEqual([]);
  });

  test('before the queue has said its name is named once it has', () => {
    const desk = new ProducerDesk();
    expect([...desk.cancel('life-7'), ...desk.cancel('other-8')]).toEqual([]);
    desk.tick();
    expect(desk.welcome()).toEqual(['cancel 7', 'ask 7']);
  });

  test('had been accepted by a queue that is gone: nobody is told', () => {
    const desk = ProducerDesk.met();
    desk.put('!a');
    desk.accepted(1, 7);
    desk.cancel('life-7');
    expect(again(desk, 'another')).toEqual(['ended life-7 lost']);
  });
});

describe('what makes no sense', () => {
  test('is counted and dropped', () => {
    const desk = ProducerDesk.met();
    expect(desk.hear([Uint8Array.of(255)])).toEqual([]);
    expect(desk.hear(word('leave'))).toEqual([]);
    expect(desk.rules.faults).toBe(2);
  });

  test('to a queue of another version is told', () => {
    const desk = new ProducerDesk();
    desk.tick();
    expect(desk.version(2)).toEqual(['version 2']);
  });
});
