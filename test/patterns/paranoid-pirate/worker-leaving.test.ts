/**
 * Tests of the rules of a worker's lane: how it leaves, from a queue that knows LEAVE, from one that does
 * not, and from one that is not there.
 */
import { describe, expect, test } from 'vitest';
import { LaneDesk } from './lane-desk.ts';
import { bytesOf, TTL_MS } from './queue-desk.ts';

const BYE = Uint8Array.of(3);

test('an idle lane says LEAVE and is over when the queue says that nothing more will come', () => {
  const desk = LaneDesk.connected();
  expect(desk.leave()).toEqual(['leave']);
  expect(desk.rules.accepts()).toBe(true);
  expect(desk.hear(BYE)).toEqual(['over']);
  expect([desk.rules.accepts(), desk.rules.deadline]).toEqual([false, undefined]);
});

test('what had been sent to it by then is done first', () => {
  const desk = LaneDesk.connected();
  desk.leave();
  expect(desk.ask('a')).toEqual(['begin a']);
  expect(desk.passWithBeats(2 * TTL_MS)).toContain('beat');
  expect(desk.answer('A')).toEqual(['reply A']);
  expect(desk.hear(BYE)).toEqual(['over']);
});

test('a busy lane finishes what it has in hand and in line', () => {
  const desk = LaneDesk.connected();
  desk.ask('a');
  desk.ask('b');
  expect(desk.leave()).toEqual(['leave']);
  expect(desk.answer('A')).toEqual(['reply A', 'begin b']);
  expect(desk.answer('B')).toEqual(['reply B']);
  expect(desk.hear(BYE)).toEqual(['over']);
});

test('leaving twice is leaving', () => {
  const desk = LaneDesk.connected();
  desk.ask('a');
  expect([...desk.leave(), ...desk.leave()]).toEqual(['leave']);
  desk.answer('A');
  expect([...desk.hear(BYE), ...desk.leave(), ...desk.left()]).toEqual(['over']);
  expect(desk.tick()).toEqual([]);
});

describe('a lane that leaves is over', () => {
  test('at once if it has lost its queue', () => {
    const desk = LaneDesk.connected();
    desk.left();
    expect(desk.leave()).toEqual(['over']);
  });

  test('at once when the connection ends, and forgets what it had in hand', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.leave();
    expect(desk.left()).toEqual(['lost', 'over']);
    expect(desk.answer('A')).toEqual([]);
    expect(desk.rules).toMatchObject({ dropped: 1, reconnects: 0 });
  });

  test('after the usual silence if the queue was never there', () => {
    const desk = new LaneDesk();
    desk.tick();
    expect(desk.leave()).toEqual(['leave']);
    expect(desk.pass(TTL_MS)).toEqual(['over']);
  });

  test('after the usual silence if the queue dies', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.leave();
    expect(desk.pass(TTL_MS)).toContain('over');
  });

  test('after the usual silence if the queue does not know LEAVE, as it is silent itself', () => {
    const desk = LaneDesk.connected();
    desk.leave();
    expect(desk.passWithBeats(TTL_MS)).toEqual([]); // The queue has given it up by now.
    expect(desk.pass(TTL_MS)).toEqual(['over']);
  });
});

describe('a queue that takes LEAVE for readiness, and gives one request after another', () => {
  test('is answered once, and not again: it would never let go', () => {
    const desk = LaneDesk.connected();
    desk.leave();
    expect(desk.ask('a')).toEqual(['begin a']);
    expect(desk.answer('A')).toEqual(['reply A']);
    expect(desk.ask('b')).toEqual([]);
    expect(desk.passWithBeats(TTL_MS)).toEqual([]);
    expect(desk.pass(TTL_MS)).toEqual(['over']);
  });
});

test('nonsense does not keep a lane that leaves from leaving', () => {
  const desk = LaneDesk.connected();
  desk.leave();
  desk.hear(bytesOf('x'), bytesOf('y'));
  expect(desk.hear(BYE)).toEqual(['over']);
  expect(desk.rules.faults).toBe(1);
});
