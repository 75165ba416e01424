/**
 * Unit tests of the broker's rules: workers that are gone, silent, or leave.
 */
import type { PeerMessage } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { LEAVE } from '../../../patterns/load-balancer/messages.ts';
import { bytes, RulesDesk } from './rules-desk.ts';

describe('a worker whose connection ended', () => {
  test('while it was free gets nothing more (1)', () => {
    const desk = new RulesDesk().ready('w', 'v').left('workers', 'w').ask('c', '', 'x');
    expect(desk.sent()).toEqual(['v: |#1.1||x']);
    expect(desk.told.at(-1)).toBe('lost w gone');
  });

  test('with a request in hand: its client hears at once, and no other worker gets it (2)', () => {
    const desk = new RulesDesk().ready('w', 'v').ask('c', 'id', '', 'x').left('workers', 'w');
    expect(desk.sent()).toEqual(['w: |#1.1||x', 'c: id|||WORKER_LOST']);
    expect([desk.rules.crew.size, desk.rules.crew.busy]).toEqual([1, 0]);
  });

  test('before the request had left: another worker gets it', () => {
    const desk = new RulesDesk().ready('w', 'v').ask('c', '', 'x');
    desk.sent();
    desk.unsent('workers', desk.given.get('w') as PeerMessage, 'UNREACHABLE');
    expect(desk.sent()).toEqual(['v: |#1.1||x']);
    desk.unsent('workers', desk.given.get('v') as PeerMessage, 'PEER_FULL');
    expect(desk.sent()).toEqual([]);
    expect(desk.told.slice(2)).toEqual(['lost w gone', 'lost v nothing']);
    desk.ready('u');
    expect(desk.sent()).toEqual(['u: |#1.1||x']);
    expect(desk.rules.requests).toMatchObject({ redelivered: 2, deadLettered: 0, waiting: 0 });
  });

  test('and a message to it that was of no account changes nothing', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x');
    const old = { peer: 'w', value: [bytes(''), bytes('an old tag'), bytes(''), bytes('y')] };
    desk.unsent('workers', old, 'UNREACHABLE');
    desk.unsent('workers', { peer: 'stranger', value: [LEAVE] }, 'UNREACHABLE');
    expect([desk.rules.crew.busy, desk.rules.requests.waiting]).toEqual([1, 0]);
  });

  test('a request that cannot travel costs its client, and not worker after worker', () => {
    const desk = new RulesDesk().ready('w', 'v').ask('c', '', 'x');
    desk.unsent('workers', desk.given.get('w') as PeerMessage, 'TOO_LARGE');
    expect(desk.sent()).toEqual(['w: |#1.1||x', 'c: ||WORKER_LOST']);
    expect([desk.rules.crew.size, desk.rules.crew.idle]).toEqual([2, 2]);
  });
});

describe('a worker that does not answer', () => {
  test('is forgotten when the time of its request is over, and its client hears (3)', () => {
    const desk = new RulesDesk({ requestMs: 100 }).ready('w', 'v').ask('c', '', 'x');
    expect(desk.rules.deadline).toBe(1100);
    desk.tickAt(1099);
    expect(desk.rules.crew.busy).toBe(1);
    desk.tickAt(1100);
    expect(desk.sent()).toEqual(['w: |#1.1||x', 'c: ||WORKER_LOST']);
    expect([desk.rules.crew.size, desk.rules.deadline]).toEqual([1, undefined]);
    expect(desk.rules.requests.expired).toBe(1);
    expect(desk.told.at(-1)).toBe('lost w silent');
  });

  test('is taken on anew if it speaks after all, and what it says is refused', () => {
    const desk = new RulesDesk({ requestMs: 100 }).ready('w').ask('c', '', 'x').tickAt(1100);
    desk.sent();
    desk.answer('w', 'at last').ask('d', '', 'y');
    expect(desk.sent()).toEqual(['w: |#2.1||y']);
    expect(desk.rules.late).toBe(1);
  });

  test('is found among many without a look at all of them for each', () => {
    const desk = new RulesDesk({ maxWorkers: 100, requestMs: 1000 });
    for (let i = 0; i < 100; i += 1) {
      desk.now = 1000 + i;
      desk.ready(`w${i}`).ask('c', '', 'x');
    }
    let looks = 0;
    for (let at = desk.rules.deadline; at !== undefined; at = desk.rules.deadline) {
      desk.tickAt(at);
      looks += 1;
    }
    expect([desk.rules.crew.size, desk.rules.requests.expired]).toEqual([0, 100]);
    expect(looks).toBeLessThan(5);
  });
});

describe('a worker that leaves', () => {
  test('while it is free is let go at once', () => {
    const desk = new RulesDesk().ready('w').say('w', '', LEAVE).ask('c', '', 'x');
    expect(desk.sent()).toEqual(['w: |\u0003']);
    expect(desk.told).toEqual(['join w', 'lost w left']);
  });

  test('finishes what it has in hand first', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x').say('w', '', LEAVE).ask('d', '', 'y');
    desk.sent();
    desk.answer('w', 'done');
    expect(desk.sent()).toEqual(['c: |done', 'w: |\u0003']);
    expect([desk.rules.crew.size, desk.rules.requests.waiting]).toEqual([0, 1]);
  });

  test('and is not known is told to go', () => {
    expect(new RulesDesk().say('w', 'n', '', LEAVE).sent()).toEqual(['w: n||\u0003']);
  });
});
