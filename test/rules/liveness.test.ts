/**
 * Liveness: like a list in which each peer has a time to die, and cheap to ask.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Liveness } from '../../src/rules/liveness.ts';

const TTL = 100;

describe('a peer', () => {
  test('dies when it has been silent for so long, and not before', () => {
    const alive = new Liveness<string>({ ttlMs: TTL });
    alive.heard('a', 0);
    expect(alive.deadline).toBe(100);
    expect(alive.bury(99)).toEqual([]);
    expect(alive.bury(100)).toEqual(['a']);
    expect([alive.size, alive.deadline]).toEqual([0, undefined]);
    expect(alive.bury(1000)).toEqual([]);
  });

  test('lives on by whatever it says', () => {
    const alive = new Liveness<string>({ ttlMs: TTL });
    for (let now = 0; now < 1000; now += 90) alive.heard('a', now);
    expect(alive.bury(1000)).toEqual([]);
    expect(alive.bury(1090)).toEqual(['a']);
  });

  test('that is forgotten is not watched', () => {
    const alive = new Liveness<string>({ ttlMs: TTL });
    alive.heard('a', 0);
    alive.forget('a');
    alive.forget('nobody');
    expect([alive.size, alive.deadline]).toEqual([0, undefined]);
    expect(alive.bury(1000)).toEqual([]);
  });

  test('is spared by a watcher that has been asleep, until it has had time to read', () => {
    const alive = new Liveness<string>({ ttlMs: TTL });
    alive.heard('old', 0);
    alive.heard('new', 900);
    alive.spare(950);
    expect(alive.bury(940)).toEqual([]);
    expect(alive.bury(950)).toEqual(['old']);
    expect(alive.bury(999)).toEqual([]);
    expect(alive.bury(1000)).toEqual(['new']);
  });
});

test('a death is found after another one, whoever was met first', () => {
  const alive = new Liveness<string>({ ttlMs: TTL });
  for (const [peer, now] of [
    ['a', 0],
    ['b', 10],
    ['c', 20],
    ['b', 30],
  ] as const) {
    alive.heard(peer, now);
  }
  expect(alive.bury(100)).toEqual(['a']);
  expect(alive.deadline).toBe(120);
  expect(alive.bury(120)).toEqual(['c']);
  expect(alive.bury(129)).toEqual([]);
  expect(alive.bury(130)).toEqual(['b']);
});

test('sparing changes nothing for those who live longer anyway', () => {
  const alive = new Liveness<string>({ ttlMs: TTL });
  alive.heard('a', 0);
  alive.spare(60);
  expect(alive.deadline).toBe(100);
  expect(alive.bury(99)).toEqual([]);
  expect(alive.bury(100)).toEqual(['a']);
});

test('who was spared lives on, though somebody else dies sooner', () => {
  const alive = new Liveness<string>({ ttlMs: TTL });
  alive.heard('spared', 0);
  alive.spare(500);
  alive.heard('other', 300);
  expect(alive.deadline).toBe(400);
  expect(alive.bury(400)).toEqual(['other']);
  expect(alive.bury(499)).toEqual([]);
  expect(alive.bury(500)).toEqual(['spared']);
});

test('a crowd that was forgotten is no reason to look early at the next one', () => {
  const alive = new Liveness<string>({ ttlMs: TTL });
  alive.heard('a', 0);
  alive.heard('b', 0);
  alive.forget('a');
  expect(alive.deadline).toBe(100);
  alive.forget('b');
  alive.heard('c', 50);
  expect(alive.deadline).toBe(150);
});

test('the dead are those whom a plain list gives, and the deadline is never after the first of them', () => {
  const step = fc.tuple(
    fc.constantFrom('heard', 'forget', 'bury', 'spare'),
    fc.nat(9),
    fc.nat({ max: 60 }),
  );
  const script = fc.array(step, { maxLength: 300, size: 'max' });
  const property = fc.property(script, (steps) => {
    const alive = new Liveness<number>({ ttlMs: TTL });
    const diesAt = new Map<number, number>();
    let now = 0;
    for (const [what, peer, ms] of steps) {
      now += ms;
      if (what === 'heard') {
        alive.heard(peer, now);
        diesAt.set(peer, now + TTL);
      } else if (what === 'forget') {
        alive.forget(peer);
        diesAt.delete(peer);
      } else if (what === 'spare') {
        const time = now + 3 * ms;
        alive.spare(time);
        for (const [each, at] of diesAt) diesAt.set(each, Math.max(at, time));
        if (diesAt.size > 0) expect(alive.deadline).toBeGreaterThanOrEqual(time);
      } else {
        const dead = [...diesAt].filter(([, at]) => at <= now).map(([each]) => each);
        for (const each of dead) diesAt.delete(each);
        expect([...alive.bury(now)].toSorted()).toEqual(dead.toSorted());
      }
      expect(alive.size).toBe(diesAt.size);
      const first = Math.min(...diesAt.values());
      if (diesAt.size === 0) expect(alive.deadline).toBeUndefined();
      else expect(alive.deadline).toBeLessThanOrEqual(first);
    }
  });
  fc.assert(property, { numRuns: 50 });
});

test('a crowd is looked through seldom, however often it is asked', () => {
  const alive = new Liveness<number>({ ttlMs: TTL });
  let looks = 0;
  for (let now = 0; now < 10_000; now += 1) {
    alive.heard(now % 50, now);
    if (now >= (alive.deadline ?? Infinity)) looks += 1;
    expect(alive.bury(now)).toEqual([]);
  }
  expect(looks).toBeLessThan(250);
});

test('a crowd of 20,000 is asked who has died as often without being looked through', () => {
  const alive = new Liveness<number>({ ttlMs: TTL });
  for (let peer = 0; peer < 20_000; peer += 1) alive.heard(peer, 0);
  const began = performance.now();
  for (let i = 0; i < 20_000; i += 1) alive.bury(TTL - 1);
  expect(performance.now() - began).toBeLessThan(1000); // Looking through it takes several seconds.
});
