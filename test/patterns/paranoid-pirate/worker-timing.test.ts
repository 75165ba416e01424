/**
 * Tests of the rules of a worker's lane: to the millisecond when it beats, when it gives its queue up and when
 * it forgives; and what becomes of a message that did not leave.
 */
import { describe, expect, test } from 'vitest';
import { LaneDesk } from './lane-desk.ts';
import { BEAT_MS, bytesOf, TTL_MS } from './queue-desk.ts';

const BYE = Uint8Array.of(3);
const reply = [bytesOf('tag'), bytesOf(''), bytesOf('A')];

/** What the lane does because `frames` did not leave. */
const unsent = ({ rules, now }: LaneDesk, frames: readonly Uint8Array[]) =>
  rules.unsent('broker', frames, new Error('no room'), now);

/** A lane that has left and heard that nothing more will come. */
function over(): LaneDesk {
  const desk = LaneDesk.connected();
  desk.leave();
  expect(desk.hear(BYE)).toEqual(['over']);
  return desk;
}

describe('a tick that comes too early does nothing', () => {
  test('between beats', () => {
    const desk = LaneDesk.connected();
    desk.pass(BEAT_MS - 1);
    expect(desk.tick()).toEqual([]);
    expect(desk.pass(1)).toEqual(['beat']);
  });

  test('while a request is in hand and no beats are sent', () => {
    const desk = LaneDesk.connected({ heartbeatWhileBusy: false });
    desk.ask('a');
    desk.pass(TTL_MS - 1);
    expect(desk.tick()).toEqual([]);
  });

  test('before it is time to look for the queue again', () => {
    const desk = LaneDesk.connected();
    desk.left();
    desk.pass(998);
    expect(desk.tick()).toEqual([]);
    expect(desk.pass(1)).toEqual(['ready']);
  });
});

describe('a lane', () => {
  test('beats an interval after a reply, which says as much', () => {
    const desk = LaneDesk.connected();
    desk.pass(BEAT_MS / 2);
    desk.ask('a');
    desk.answer('A');
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['beat']);
  });

  test('is no more patient with a silent queue for having answered it', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.pass(TTL_MS - BEAT_MS);
    desk.answer('A');
    expect(desk.pass(BEAT_MS)).toContain('reopen');
  });

  test.each([
    ['little: it is not asleep, and its queue is lost', 0.4, ['reopen']],
    ['more than half a beat: it was asleep, and has to read first', 0.6, ['beat']],
  ])('is late by %s', (_, beats, seen) => {
    const desk = LaneDesk.connected();
    desk.pass(TTL_MS - BEAT_MS);
    expect(desk.sleep(BEAT_MS + beats * BEAT_MS)).toEqual(seen);
  });

  test('takes sixteen requests in line and one in hand', () => {
    const desk = LaneDesk.connected();
    for (let i = 0; i < 20; i += 1) desk.ask('a');
    expect(desk.rules).toMatchObject({ received: 17, faults: 3 });
  });

  test('sends all it says to the queue, and opens its socket anew', () => {
    const { rules } = new LaneDesk();
    const acts = [...rules.tick(0), ...rules.tick(BEAT_MS), ...rules.left('broker', '', BEAT_MS)];
    expect(acts).toEqual([
      { kind: 'send', to: 'broker', message: [Uint8Array.of(1)] },
      { kind: 'send', to: 'broker', message: [Uint8Array.of(2)] },
      { kind: 'reopen', port: 'broker', to: undefined },
    ]);
    const leaving = LaneDesk.connected();
    expect(leaving.rules.leave(0)).toEqual([{ kind: 'send', to: 'broker', message: [BYE] }]);
  });
});

describe('a lane that leaves', () => {
  test('gives its queue the usual time from then on, whenever it was last heard', () => {
    const desk = LaneDesk.connected();
    desk.pass(TTL_MS - BEAT_MS);
    desk.leave();
    expect(desk.pass(TTL_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['over']);
  });

  test('gives it the usual time from its last answer on', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.leave();
    desk.pass(TTL_MS - BEAT_MS);
    expect(desk.answer('A')).toEqual(['reply A']);
    expect(desk.pass(TTL_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['over']);
  });

  test('gives it no more for an answer that is not the last', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.ask('b');
    desk.leave();
    desk.pass(TTL_MS - BEAT_MS);
    expect(desk.answer('A')).toEqual(['reply A', 'begin b']);
    expect(desk.pass(BEAT_MS).slice(-2)).toEqual(['lost', 'over']);
  });

  test('is not over before it has finished, though nothing more will come', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.leave();
    expect(desk.hear(BYE)).toEqual([]);
    expect(desk.answer('A')).toEqual(['reply A']);
  });
});

describe('a lane that is over', () => {
  test('is not connected, and begins nothing', () => {
    const desk = over();
    expect(desk.rules.isConnected).toBe(false);
    expect(desk.ask('a')).toEqual([]);
    expect(desk.rules).toMatchObject({ received: 0, isBusy: false });
  });

  test('stays so, however late it is', () => {
    const desk = over();
    expect(desk.sleep(100 * TTL_MS)).toEqual([]);
    expect(desk.rules).toMatchObject({ reconnects: 0, deadline: undefined });
  });
});

describe('what did not leave', () => {
  test('if a reply, makes the lane look elsewhere: its queue would wait for ever', () => {
    const desk = LaneDesk.connected();
    expect(unsent(desk, reply)).toEqual([{ kind: 'reopen', port: 'broker', to: undefined }]);
    expect(desk.rules).toMatchObject({ dropped: 1, reconnects: 1, isConnected: false });
  });

  test('if a reply, takes the next request with it', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    expect(unsent(desk, reply).map(({ kind }) => kind)).toEqual(['tell', 'reopen']);
    expect(desk.rules.isBusy).toBe(false);
  });

  test('if a reply of a lane that leaves, is its end', () => {
    const desk = LaneDesk.connected();
    desk.leave();
    expect(unsent(desk, reply)).toEqual([{ kind: 'tell', what: { kind: 'over' } }]);
  });

  test('if a beat, is no matter', () => {
    const desk = LaneDesk.connected();
    expect(unsent(desk, [Uint8Array.of(2)])).toEqual([]);
    expect(desk.rules).toMatchObject({ dropped: 0, reconnects: 0, isConnected: true });
  });

  test('by a socket that has been left is no matter either', () => {
    const down = LaneDesk.connected();
    down.left();
    for (const desk of [down, over()]) {
      const { reconnects } = desk.rules;
      expect(unsent(desk, reply)).toEqual([]);
      expect(desk.rules).toMatchObject({ dropped: 0, reconnects });
    }
  });
});
