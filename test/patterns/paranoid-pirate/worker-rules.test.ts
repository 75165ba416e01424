/**
 * Tests of the rules of a worker's lane: how it finds its queue, stays with it and finds it again, with no
 * sockets. Sections in brackets are those of 6/PPP.
 */
import { encodeTag } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { LaneDesk } from './lane-desk.ts';
import { BEAT_MS, bytesOf, TTL_MS } from './queue-desk.ts';

describe('the beginning [Overall Behaviour]', () => {
  test('is READY, on the socket that is there, and READY is said once', () => {
    const desk = new LaneDesk();
    expect(desk.tick()).toEqual(['ready']);
    expect(desk.passWithBeats(20 * BEAT_MS)).not.toContain('ready');
  });

  test('is a connection when the queue has been heard, and not before', () => {
    const desk = new LaneDesk();
    expect(desk.rules.isConnected).toBe(false);
    desk.tick();
    expect(desk.rules.isConnected).toBe(false);
    desk.beat();
    expect(desk.rules.isConnected).toBe(true);
  });
});

describe('heartbeats [Heartbeating]', () => {
  test('are sent once an interval', () => {
    const desk = LaneDesk.connected();
    expect(desk.passWithBeats(5 * BEAT_MS)).toEqual(['beat', 'beat', 'beat', 'beat', 'beat']);
  });

  test('are sent while a request is in hand too', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    expect(desk.passWithBeats(3 * BEAT_MS)).toEqual(['beat', 'beat', 'beat']);
  });

  test('are not, without heartbeatWhileBusy: some queues take them for readiness (DESIGN 3.6)', () => {
    const desk = LaneDesk.connected({ heartbeatWhileBusy: false });
    desk.ask('a');
    expect(desk.passWithBeats(10 * BEAT_MS)).toEqual([]);
    expect(desk.answer('A')).toEqual(['reply A']);
    expect(desk.passWithBeats(2 * BEAT_MS)).toContain('beat');
  });

  test('are sent once for a time that was slept through, not once for each interval of it', () => {
    const desk = LaneDesk.connected();
    expect(desk.sleep(10 * BEAT_MS)).toEqual(['beat']);
  });
});

describe('a queue that is silent for too long', () => {
  test('is lost, and not before: a new socket, and READY on it after a wait', () => {
    const desk = LaneDesk.connected();
    expect(desk.pass(TTL_MS - 1)).toEqual(['beat', 'beat']);
    expect(desk.rules.isConnected).toBe(true);
    const seen = desk.pass(1 + 999);
    expect(seen).toEqual(['reopen', 'ready']);
    expect(desk.rules.reconnects).toBe(1);
  });

  test('has its socket closed at once: READY must not leave by it while the lane is not listening', () => {
    const desk = new LaneDesk();
    desk.tick(); // Nobody is there: READY waits in the socket.
    expect(desk.pass(TTL_MS)).toContain('reopen');
    expect(desk.rules.isConnected).toBe(false);
  });

  test('is not lost while anything comes of it: a beat, a request, nonsense', () => {
    const desk = LaneDesk.connected();
    const signs = [() => desk.beat(), () => desk.ask('a'), () => desk.hear(bytesOf('x'))];
    for (const sign of signs) {
      desk.pass(TTL_MS - 1);
      sign();
      expect(desk.rules.isConnected).toBe(true);
    }
    desk.pass(TTL_MS - 1);
    expect(desk.rules.reconnects).toBe(0);
  });

  test('is forgiven when it is the worker that has slept: its messages have not been read yet', () => {
    const desk = LaneDesk.connected();
    desk.sleep(10 * TTL_MS);
    expect(desk.rules.reconnects).toBe(0);
    desk.beat();
    desk.pass(TTL_MS - 1);
    expect(desk.rules.reconnects).toBe(0);
    desk.pass(1);
    expect(desk.rules.reconnects).toBe(1);
  });

  test('is not forgiven for the time of a long job during which no beats were due', () => {
    const desk = LaneDesk.connected({ heartbeatWhileBusy: false });
    desk.ask('a');
    desk.passWithBeats(20 * TTL_MS);
    desk.answer('A');
    desk.pass(TTL_MS);
    expect(desk.rules.reconnects).toBe(1);
  });

  /** How long it waits before it says READY again, after so long a silence. */
  function waitOf(desk: LaneDesk): number {
    expect(desk.pass(TTL_MS)).toContain('reopen');
    const since = desk.now;
    desk.now = desk.rules.deadline ?? Infinity;
    expect(desk.tick()).toEqual(['ready']);
    return desk.now - since;
  }

  test('is looked for at growing waits, up to the longest, and the first again once it was heard', () => {
    const desk = LaneDesk.connected();
    const waits = [0, 1, 2, 3, 4, 5].map(() => waitOf(desk));
    expect(waits).toEqual([999, 999, 1999, 3999, 7999, 7999]);
    desk.beat();
    expect(waitOf(desk)).toBe(999);
  });

  test('is looked for at random times, so that a crowd does not come back at once', () => {
    const random = [0.5, 0.25, 0.75, 0.001];
    const desk = LaneDesk.connected({ random: () => random.shift() ?? 0 });
    expect([0, 1, 2, 3].map(() => waitOf(desk))).toEqual([500, 250, 1500, 4]);
  });
});

describe('a connection that ends', () => {
  test('is a queue that is lost, at once', () => {
    const desk = LaneDesk.connected();
    desk.left();
    expect([desk.rules.isConnected, desk.rules.reconnects]).toEqual([false, 1]);
    expect(desk.pass(1000)).toContain('ready');
  });

  test('while there is none is nothing new', () => {
    const desk = LaneDesk.connected();
    desk.left();
    const { deadline } = desk.rules;
    expect(desk.left()).toEqual([]);
    expect([desk.rules.deadline, desk.rules.reconnects]).toEqual([deadline, 1]);
  });
});

describe('a request [REQUEST, REPLY]', () => {
  test('is begun at once and answered with what stood before its empty frame', () => {
    const desk = LaneDesk.connected();
    const envelope = [bytesOf('x'), bytesOf('y'), bytesOf('')];
    expect(desk.hear(...envelope, bytesOf('a'), bytesOf('b'))).toEqual(['begin a|b']);
    expect(desk.jobs[0]?.envelope).toEqual(envelope);
    expect(desk.rules.isBusy).toBe(true);
    expect(desk.answer('A')).toEqual(['reply A']);
    expect(desk.rules).toMatchObject({ received: 1, sent: 1, isBusy: false });
  });

  test('waits for the one before it, from a queue that gives several', () => {
    const desk = LaneDesk.connected();
    expect([...desk.ask('a'), ...desk.ask('b'), ...desk.ask('c')]).toEqual(['begin a']);
    expect(desk.answer('A')).toEqual(['reply A', 'begin b']);
    expect(desk.answer('B')).toEqual(['reply B', 'begin c']);
    expect(desk.answer('C')).toEqual(['reply C']);
  });

  test('too many in line is a fault: no queue may fill a worker', () => {
    const desk = LaneDesk.connected();
    for (let i = 0; i < 100; i += 1) desk.ask('a');
    expect(desk.rules.faults).toBeGreaterThan(80);
    expect(desk.rules.received + desk.rules.faults).toBe(100);
  });

  test('answered twice is sent once', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.answer('A');
    expect(desk.answer('again')).toEqual([]);
    expect(desk.rules).toMatchObject({ sent: 1, dropped: 1 });
  });

  test('of a queue that was lost meanwhile is forgotten with all behind it, and its answer dropped', () => {
    const desk = LaneDesk.connected();
    desk.ask('a');
    desk.ask('b');
    const [old] = desk.jobs;
    expect(desk.left()).toContain('lost');
    expect(desk.rules.isBusy).toBe(false);
    expect(desk.answer('A', old)).toEqual([]);
    expect(desk.pass(1000)).toContain('ready');
    expect(desk.answer('A', old)).toEqual([]);
    expect(desk.ask('c')).toEqual(['begin c']);
    expect(desk.rules).toMatchObject({ sent: 0, dropped: 2 });
  });

  test('that comes when the queue has been lost is not begun', () => {
    const desk = LaneDesk.connected();
    desk.left();
    expect(desk.ask('a')).toEqual([]);
    expect(desk.rules.received).toBe(0);
  });

  test.each([
    ['an unknown command', [Uint8Array.of(9)]],
    ['READY', [Uint8Array.of(1)]],
    ['LEAVE, unasked', [Uint8Array.of(3)]],
    ['an empty message', [bytesOf('')]],
    ['frames without an empty one', [bytesOf('t'), bytesOf('a')]],
    ['a tag without a body', [encodeTag(new Uint8Array(8), 1, 1), bytesOf('')]],
  ])('that makes no sense is counted and dropped: %s', (_, frames) => {
    const desk = LaneDesk.connected();
    expect(desk.hear(...frames)).toEqual([]);
    expect(desk.rules).toMatchObject({ faults: 1, received: 0, isBusy: false });
  });
});
