/**
 * Tests of a worker's rules: what it begins and answers, and what becomes of that when its queue is lost, with no
 * sockets.
 */
import { ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../../patterns/work-queue/messages.ts';
import { RECONNECT_MS, WorkerDesk } from './peer-desk.ts';
import { BEAT_MS, TTL_MS } from './queue-desk.ts';

describe('a worker', () => {
  test('says first of all that it is ready, and how much it takes', () => {
    const desk = new WorkerDesk({ credit: 7 });
    expect(desk.rules.deadline).toBe(0);
    expect(desk.tick()).toEqual(['ready 7']);
    expect(desk.rules.link.isMet).toBe(false);
    expect(desk.welcome()).toEqual([]);
    expect(desk.rules.link).toMatchObject({ isMet: true, heartbeatMs: BEAT_MS });
  });

  test('takes twice as much as it does at once, if nothing is said', () => {
    expect(new WorkerDesk({ concurrency: 3, credit: undefined }).tick()).toEqual(['ready 6']);
  });

  test('begins as many at once as it may, in order, and answers for each', () => {
    const desk = WorkerDesk.met({ concurrency: 2 });
    expect(desk.items('1:a', '2:b', '3:c')).toEqual(['begin 1/1:a', 'begin 2/1:b']);
    expect([desk.rules.inFlight, desk.rules.running]).toEqual([3, 2]);
    expect(desk.answer(2)).toEqual(['begin 3/1:c', 'done 2/1']);
    expect(desk.answer(1, 'failed')).toEqual(['failed 1/1']);
    expect(desk.answer(3, 'discard')).toEqual(['discard 3/1']);
    expect(desk.rules).toMatchObject({ received: 3, sent: 3, inFlight: 0, running: 0 });
  });

  test('names the attempt it answers for, and what people call the item', () => {
    const desk = WorkerDesk.met();
    desk.items('7/3:a');
    expect(desk.jobs.get(7)).toMatchObject({ epoch: 'life', n: 7, attempt: 3 });
    expect(desk.answer(7)).toEqual(['done 7/3']);
  });

  test('joins what it has to say in one turn', () => {
    const desk = WorkerDesk.met({ concurrency: 3 });
    desk.items('1:a', '2:b', '3:c');
    const { rules, jobs, now } = desk;
    for (const n of [1, 2]) rules.answer(jobs.get(n) as never, 'done', new Uint8Array(0), now);
    expect(desk.answer(3)).toEqual(['done 1/1 2/1 3/1']);
  });

  test('says when it has so much to say that it should not wait', () => {
    const desk = WorkerDesk.met({ concurrency: 2 });
    desk.items('1:a', '2:b');
    const { rules, jobs, now } = desk;
    rules.answer(jobs.get(1) as never, 'done', new Uint8Array(1000), now);
    expect(rules.isFull).toBe(false);
    rules.answer(jobs.get(2) as never, 'done', new Uint8Array(70_000), now);
    expect(rules.isFull).toBe(true);
    expect(desk.beat()).toEqual(['done 1/1 2/1']);
    expect(rules.isFull).toBe(false);
  });

  test('answers once: what nobody waits for is thrown away and counted', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a');
    desk.answer(1);
    expect(desk.answer(1)).toEqual([]);
    expect(desk.rules).toMatchObject({ sent: 1, dropped: 1, running: 0 });
  });
});

describe('an item that nobody wants any more', () => {
  test('goes back if it has not been begun, and the handler of one that has is told', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a', '2:b', '3:c');
    expect(desk.stop(1, 1, 2, 1)).toEqual(['back 2/1', 'stop 1/1']);
    expect(desk.rules.inFlight).toBe(2);
    expect(desk.answer(1)).toEqual(['begin 3/1:c', 'done 1/1']);
  });

  test('is passed over if it is another attempt, or unknown', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a', '2:b');
    const seen = [...desk.stop(1, 2), ...desk.stop(2, 9), ...desk.stop(5, 1)];
    expect(seen.filter((each) => each !== 'back' && each !== 'stop')).toEqual([]);
    expect(desk.rules.inFlight).toBe(2);
  });
});

describe('a worker that leaves', () => {
  test('gives back what it has not begun, finishes the rest, and goes when it may', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a', '2:b', '3:c');
    expect(desk.leave()).toEqual(['leave', 'back 2/1 3/1']);
    expect(desk.answer(1)).toEqual(['done 1/1']);
    expect(desk.hear([new ListWriter('bye').done()])).toEqual(['over']);
    expect(desk.rules.deadline).toBe(undefined);
    expect(desk.rules.accepts()).toBe(false);
  });

  test('says first what it has to say', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a');
    desk.rules.answer(desk.jobs.get(1) as never, 'done', new Uint8Array(0), desk.now);
    expect(desk.leave().slice(0, 2)).toEqual(['done 1/1', 'leave']);
  });

  test('gives back what comes afterwards', () => {
    const desk = WorkerDesk.met({ concurrency: 2 });
    desk.items('1:a');
    desk.leave();
    expect(desk.items('2:b')).toEqual(['back 2/1']);
    expect(desk.rules.inFlight).toBe(1);
  });

  test('leaves once, and not for a bye that it has not asked for', () => {
    const desk = WorkerDesk.met();
    expect(desk.hear([new ListWriter('bye').done()])).toEqual([]);
    expect(desk.rules.faults).toBe(1);
    desk.leave();
    expect(desk.leave()).toEqual([]);
  });

  test('before it has been welcomed gives back what was on its way', () => {
    const desk = new WorkerDesk();
    desk.tick();
    expect(desk.leave()).toEqual(['leave']);
    expect(desk.welcome()).toEqual([]);
    expect(desk.items('1:a')).toEqual(['back 1/1']);
    expect(desk.hear([new ListWriter('bye').done()])).toEqual(['over']);
  });

  test('waits no longer than a beat for a welcome that does not come', () => {
    const desk = new WorkerDesk();
    desk.tick();
    desk.leave();
    expect(desk.pass(999)).toEqual([]);
    expect(desk.pass(1)).toEqual(['over']);
  });

  test('while it has no queue is over at once', () => {
    const desk = WorkerDesk.met();
    desk.left();
    expect(desk.leave()).toEqual(['over']);
    expect(desk.pass(100_000)).toEqual([]);
  });

  test('and loses its queue on the way is over, and what it was doing is stopped', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a');
    desk.leave();
    expect(desk.left()).toEqual(['stop 1/1', 'over']);
    expect(desk.answer(1)).toEqual([]);
  });
});

describe('a worker that has lost its queue', () => {
  test('forgets what it has in hand, stops it, and says ready again after a while', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a', '2:b');
    expect(desk.left()).toEqual(['stop 1/1', 'reopen']);
    // What is being done takes its place until it is over, whoever waits for it.
    const { rules } = desk;
    expect([rules.inFlight, rules.running]).toEqual([0, 1]);
    expect(desk.answer(1)).toEqual([]);
    expect([rules.dropped, rules.running]).toEqual([1, 0]);
    expect(desk.pass(RECONNECT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['ready 4']);
    expect(desk.rules.link.reconnects).toBe(1);
    desk.welcome();
    expect(desk.items('1/2:a')).toEqual(['begin 1/2:a']);
  });

  test('hears nothing of what the old connection still brings', () => {
    const desk = WorkerDesk.met();
    desk.left();
    expect(desk.items('1:a')).toEqual([]);
    expect(desk.rules.received).toBe(0);
    expect(desk.left()).toEqual([]);
  });

  test('notices by silence, and not before so many beats were missed', () => {
    const desk = WorkerDesk.met();
    expect(desk.pass(TTL_MS - 1).filter((each) => each !== 'beat')).toEqual([]);
    expect(desk.pass(1)).toContain('reopen');
  });

  test('is not lost while it hears anything', () => {
    const desk = WorkerDesk.met();
    expect(desk.passWithBeats(10 * TTL_MS)).toEqual([]);
    for (let i = 0; i < 5; i += 1) {
      desk.pass(TTL_MS - 1);
      desk.items(`${i + 1}:a`);
    }
    expect(desk.rules.link.reconnects).toBe(0);
  });

  test('reads first what came while it slept', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a');
    expect(desk.sleep(10 * TTL_MS)).toEqual(['beat']);
    desk.beat();
    expect(desk.rules.inFlight).toBe(1);
  });

  test('tries again and again, and waits longer each time', () => {
    const desk = new WorkerDesk();
    desk.tick();
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      while (!desk.tick().includes('reopen')) desk.now = desk.rules.deadline ?? desk.now;
      const lostAt = desk.now;
      desk.now = desk.rules.deadline ?? desk.now;
      times.push(Math.round((desk.now - lostAt) / 1000));
      expect(desk.tick()).toEqual(['ready 4']);
    }
    expect(times).toEqual([1, 2, 4, 8, 8]);
  });

  test('waits as briefly as at first once the queue has answered', () => {
    const desk = new WorkerDesk();
    desk.tick();
    for (let i = 0; i < 3; i += 1) {
      desk.left();
      desk.pass(8000);
    }
    desk.welcome();
    expect(desk.left()).toEqual(['reopen']);
    expect(desk.pass(RECONNECT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['ready 4']);
  });

  test('because something did not leave looks elsewhere; a beat may be lost', () => {
    const desk = WorkerDesk.met();
    desk.items('1:a');
    desk.pass(BEAT_MS);
    expect(desk.unsent()).toEqual([]);
    desk.answer(1);
    expect(desk.unsent()).toEqual(['reopen']);
  });
});

describe('beats', () => {
  test('go out once an interval, busy or not, as soon as the queue says how often', () => {
    const desk = WorkerDesk.met();
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['beat']);
    desk.items('1:a');
    expect(desk.pass(BEAT_MS)).toEqual(['beat']);
  });

  test('of no time at all are taken for one a millisecond', () => {
    const desk = new WorkerDesk();
    desk.tick();
    desk.hear([new ListWriter('welcome').uint(1).text('life').uint(0).done()]);
    expect(desk.rules.link.heartbeatMs).toBe(1);
    expect(desk.pass(1)).toEqual(['beat']);
  });
});

describe('what makes no sense', () => {
  test('is counted and dropped', () => {
    const desk = WorkerDesk.met();
    expect(desk.hear([Uint8Array.of(255)])).toEqual([]);
    expect(desk.hear(numbers('ask', 1))).toEqual([]);
    expect(desk.rules.faults).toBe(2);
  });

  test('to a queue of another version is told', () => {
    const desk = new WorkerDesk();
    desk.tick();
    expect(desk.hear(numbers('version', 2))).toEqual(['version 2']);
  });
});

describe('credit that nobody has set', () => {
  test('grows while items are quick, and is told', () => {
    const desk = WorkerDesk.met({ credit: undefined });
    const told: number[] = [];
    for (let n = 1; n <= 200; n += 1) {
      desk.items(`${n}:a`);
      const credit = desk.answer(n).find((each) => each.startsWith('credit'));
      if (credit !== undefined) told.push(Number(credit.split(' ')[1]));
    }
    expect(told.length).toBeGreaterThan(3);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBeGreaterThan(1000);
  });

  test('is not told by who leaves', () => {
    const desk = WorkerDesk.met({ credit: undefined, concurrency: 200 });
    for (let n = 1; n <= 200; n += 1) desk.items(`${n}:a`);
    desk.leave();
    for (let n = 1; n <= 200; n += 1) expect(desk.answer(n)).toEqual([`done ${n}/1`]);
  });
});
