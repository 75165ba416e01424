/**
 * Unit tests of a lane's rules: READY, one request at a time, connections that end, and leaving.
 */
import type { LaneJob } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { LaneRules } from '../../../patterns/load-balancer/worker-rules.ts';
import { texts } from './balancing.ts';

type Acts = ReturnType<LaneRules['tick']>;

const bytesOf = (word: string): Uint8Array => new Uint8Array(Buffer.from(word));
const frames = (...words: string[]): Uint8Array[] => words.map(bytesOf);

/** What is to be done, as text. */
function shown(acts: Acts): string[] {
  return acts.map((act) => {
    if (act.kind === 'send') return `send ${texts(act.message).join('|')}`;
    if (act.kind === 'reopen') return 'reopen';
    return act.what.kind === 'job' ? `job ${texts(act.what.job.body).join('|')}` : act.what.kind;
  });
}

const jobOf = (acts: Acts): LaneJob => {
  for (const act of acts) if (act.kind === 'tell' && act.what.kind === 'job') return act.what.job;
  throw new Error('no job');
};

/** A lane that has said READY, at time 0. */
function readyLane(): LaneRules {
  const lane = new LaneRules({ reconnect: { baseMs: 100, maxMs: 1000 }, random: () => 0.5 });
  expect(shown(lane.tick(0))).toEqual(['send |READY']);
  return lane;
}

/** A lane with a request in hand. */
function busyLane(): { lane: LaneRules; job: LaneJob } {
  const lane = readyLane();
  return { lane, job: jobOf(lane.receive('broker', frames('', 'tag', '', 'work'), 1)) };
}

describe('a lane', () => {
  test('says READY once a connection, does what it is given and sends back what came before it', () => {
    const lane = readyLane();
    expect(lane.deadline).toBeUndefined();
    const acts = lane.receive('broker', frames('', 'tag', 'more', '', 'work', '', 'x'), 1);
    expect(shown(acts)).toEqual(['job work||x']);
    expect(lane.isBusy).toBe(true);
    const answer = lane.answer(jobOf(acts), frames('done'), 2);
    expect(shown(answer)).toEqual(['send |tag|more||done']);
    expect(lane).toMatchObject({ received: 1, sent: 1, isBusy: false, faults: 0 });
  });

  test('does one request at a time, whatever it is sent', () => {
    const { lane, job } = busyLane();
    expect(shown(lane.receive('broker', frames('', 't2', '', 'second'), 2))).toEqual([]);
    expect(shown(lane.answer(job, frames('first'), 3))).toEqual(['send |tag||first', 'job second']);
    for (let i = 0; i < 100; i += 1) lane.receive('broker', frames('', 't', '', 'more'), 4);
    expect(lane.faults).toBe(84);
  });

  test.each([
    [[]],
    [['']],
    [['', 'x']],
    [['x', '', 'y']],
    [['', 'tag', '']],
    [['', '\u0003']],
    [['', 'READY']],
  ])('counts %j, which makes no sense', (words) => {
    const lane = readyLane();
    expect(shown(lane.receive('broker', frames(...words), 1))).toEqual([]);
    expect(lane).toMatchObject({ faults: 1, isBusy: false });
  });
});

describe('a lane says', () => {
  test('all that it says to the broker', () => {
    const lane = new LaneRules({ reconnect: { baseMs: 100, maxMs: 1000 }, random: () => 0.5 });
    const [delimiter, ready, leave] = ['', 'READY', '\u0003'].map((word) => bytesOf(word));
    expect(lane.tick(0)).toEqual([{ kind: 'send', to: 'broker', message: [delimiter, ready] }]);
    lane.met();
    expect(lane.leave(1)).toEqual([{ kind: 'send', to: 'broker', message: [delimiter, leave] }]);
    expect(readyLane().left('broker', '', 1)).toEqual([
      { kind: 'reopen', port: 'broker', to: undefined },
    ]);
  });

  test('whether it is connected: when it has met its broker, until that is gone', () => {
    const lane = readyLane();
    expect([lane.isConnected, lane.accepts()]).toEqual([false, true]);
    lane.met();
    expect(lane.isConnected).toBe(true);
    lane.left('broker', '', 1);
    expect([lane.isConnected, lane.accepts()]).toEqual([false, true]);
  });

  test('what did not leave', () => {
    const lane = readyLane();
    expect(lane.unsent()).toEqual([]);
    expect(lane.dropped).toBe(1);
  });
});

describe('an answer', () => {
  test('that was given already is not sent again', () => {
    const { lane, job } = busyLane();
    lane.answer(job, frames('x'), 2);
    expect(lane.answer(job, frames('y'), 3)).toEqual([]);
    expect(lane).toMatchObject({ sent: 1, dropped: 0 });
  });

  test('for nobody is thrown away, and those on the next connection are sent', () => {
    const { lane, job } = busyLane();
    lane.receive('broker', frames('', 't2', '', 'in line'), 2);
    expect(shown(lane.left('broker', '', 10))).toEqual(['lost', 'reopen']);
    lane.answer(job, frames('for nobody'), 20);
    expect(shown(lane.tick(1000))).toEqual(['send |READY']);
    const acts = lane.receive('broker', frames('', 't3', '', 'new'), 1001);
    expect(shown(acts)).toEqual(['job new']); // What stood in line is forgotten.
    expect(shown(lane.answer(jobOf(acts), frames('y'), 1002))).toEqual(['send |t3||y']);
    expect(lane).toMatchObject({ dropped: 1, sent: 1 });
  });
});

describe('a lane whose connection has ended', () => {
  test('opens a new one after a growing, random wait, and says READY there', () => {
    const lane = readyLane();
    for (const wait of [50, 100, 200, 400, 500, 500]) {
      expect(shown(lane.left('broker', '', 1000))).toEqual(['reopen']);
      expect(lane.deadline).toBe(1000 + wait);
      expect(shown(lane.tick(1000 + wait - 1))).toEqual([]);
      expect(shown(lane.tick(1000 + wait))).toEqual(['send |READY']);
    }
    expect(lane.reconnects).toBe(6);
    lane.met();
    lane.left('broker', '', 5000);
    expect(lane.deadline).toBe(5050);
  });

  test('finishes what it has in hand before it says READY, and throws the answer away', () => {
    const { lane, job } = busyLane();
    expect(shown(lane.left('broker', '', 10))).toEqual(['lost', 'reopen']);
    expect(lane.deadline).toBeUndefined();
    expect(shown(lane.tick(10_000))).toEqual([]);
    expect(shown(lane.answer(job, frames('for nobody'), 10_000))).toEqual([]);
    expect(shown(lane.tick(10_000))).toEqual(['send |READY']);
    expect(lane).toMatchObject({ dropped: 1, sent: 0 });
  });

  test('hears nothing of it twice', () => {
    const lane = readyLane();
    lane.left('broker', '', 10);
    lane.met();
    expect(shown(lane.left('broker', '', 11))).toEqual([]);
    expect(lane.isConnected).toBe(false);
    expect(shown(lane.receive('broker', frames('', 't', '', 'old'), 12))).toEqual([]);
    expect(lane).toMatchObject({ reconnects: 1, received: 0 });
  });
});

describe('a lane that leaves', () => {
  test('ends when the broker says that nothing more will come', () => {
    const lane = readyLane();
    lane.met();
    expect(shown(lane.leave(10))).toEqual(['send |\u0003']);
    expect(shown(lane.leave(11))).toEqual([]);
    expect(shown(lane.receive('broker', frames('', '\u0003'), 12))).toEqual(['over']);
    expect([lane.accepts(), lane.deadline, lane.faults]).toEqual([false, undefined, 0]);
  });

  test('does what was on its way', () => {
    const lane = readyLane();
    lane.met();
    lane.leave(10);
    const acts = lane.receive('broker', frames('', 'tag', '', 'late'), 11);
    expect(shown(acts)).toEqual(['job late']);
    expect(shown(lane.answer(jobOf(acts), frames('x'), 12))).toEqual(['send |tag||x']);
    expect(shown(lane.receive('broker', frames('', '\u0003'), 13))).toEqual(['over']);
  });

  test('finishes what it has in hand, however long that takes', () => {
    const { lane, job } = busyLane();
    expect(shown(lane.leave(10))).toEqual(['send |\u0003']);
    expect(lane.deadline).toBeUndefined();
    expect(shown(lane.answer(job, frames('x'), 100_000))).toEqual(['send |tag||x']);
    expect(lane.deadline).toBe(101_000);
    expect(shown(lane.tick(101_000))).toEqual(['over']);
  });

  test('stops at the end of a request if the broker goes on giving it more', () => {
    const { lane, job } = busyLane();
    lane.leave(10);
    lane.receive('broker', frames('', 't2', '', 'more'), 20);
    const acts = lane.answer(job, frames('x'), 30);
    expect(shown(acts)).toEqual(['send |tag||x', 'job more']);
    lane.receive('broker', frames('', 't3', '', 'and more'), 40);
    expect(shown(lane.answer(jobOf(acts), frames('y'), 1030))).toEqual(['send |t2||y', 'over']);
  });

  test('ends after what it has in hand if nothing more will come', () => {
    const { lane, job } = busyLane();
    lane.leave(10);
    expect(lane.receive('broker', frames('', '\u0003'), 11)).toEqual([]);
    expect(shown(lane.answer(job, frames('x'), 12))).toEqual(['send |tag||x', 'over']);
    expect(lane.faults).toBe(0);
  });

  test.each([[['', 'READY']], [['x', '\u0003']], [['', '\u0003', 'x']]])(
    'is not ended by %j, which makes no sense',
    (words) => {
      const lane = readyLane();
      lane.met();
      lane.leave(10);
      expect(lane.receive('broker', frames(...words), 11)).toEqual([]);
      expect([lane.faults, lane.accepts(), lane.deadline]).toEqual([1, true, 1010]);
    },
  );

  test('begins nothing when it is over', () => {
    const lane = readyLane();
    lane.met();
    lane.leave(10);
    lane.receive('broker', frames('', '\u0003'), 12);
    expect(lane.isConnected).toBe(false);
    expect(lane.receive('broker', frames('', 't', '', 'late'), 13)).toEqual([]);
    expect(lane.tick(1e6)).toEqual([]);
    expect(lane).toMatchObject({ received: 0, isBusy: false });
  });

  test('ends at once if its connection ends, or if it has none', () => {
    const { lane } = busyLane();
    lane.leave(10);
    expect(shown(lane.left('broker', '', 11))).toEqual(['lost', 'over']);
    expect(shown(lane.leave(12))).toEqual([]);
    expect(shown(readyLane().leave(1))).toEqual(['over']);
    const down = readyLane();
    down.left('broker', '', 1);
    down.met(); // A word that comes late.
    expect(shown(down.leave(2))).toEqual(['over']);
  });
});
