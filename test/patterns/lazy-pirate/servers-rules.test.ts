/**
 * Tests of the Lazy Pirate's rules: when a server is left, and for which.
 */
import { describe, expect, test } from 'vitest';
import { Servers } from '../../../patterns/lazy-pirate/servers-rules.ts';

const START = 1000;
const made = (): Servers =>
  new Servers({ servers: ['a', 'b', 'c'], freshAfter: 2, connectMs: 500, startedAt: START });

describe('a server that is not there', () => {
  test('is left connectMs after the start, if it is wanted', () => {
    const servers = made();
    expect(servers.leaveAt).toBe(1500);
    expect(servers.verdict(true, 1499)).toBeUndefined();
    expect(servers.verdict(false, 1500)).toBeUndefined();
    expect(servers.verdict(true, 1500)).toBe('unreachable');
  });

  test('is left connectMs after its connection has ended, and never while it has one', () => {
    const servers = made();
    servers.connected(true, 1100);
    expect([servers.leaveAt, servers.verdict(true, 1e9)]).toEqual([Infinity, undefined]);
    servers.connected(false, 5000);
    expect([servers.leaveAt, servers.isConnected]).toEqual([5500, false]);
  });
});

describe('a server is silent', () => {
  test('after attempts one after the other, the second begun when the first was over', () => {
    const servers = made();
    servers.connected(true, START);
    servers.unanswered(1000, 2000);
    servers.unanswered(1999, 2999); // It had begun before the first was over.
    expect(servers.verdict(true, 3000)).toBeUndefined();
    servers.unanswered(2000, 3000);
    expect(servers.verdict(true, 3000)).toBe('silent');
    expect(servers.verdict(false, 3000)).toBe('silent');
  });

  test('not if it has said anything since the attempt was sent', () => {
    const servers = made();
    servers.connected(true, START);
    servers.unanswered(1000, 2000);
    servers.heard(2500);
    servers.unanswered(2400, 3400);
    servers.unanswered(2500, 3500);
    expect(servers.verdict(true, 3500)).toBeUndefined();
    servers.unanswered(3500, 4500);
    expect(servers.verdict(true, 4500)).toBe('silent');
  });
});

test('the next server is the one after it, round the list, and begins without blame', () => {
  const servers = made();
  servers.connected(true, START);
  servers.unanswered(1000, 2000);
  servers.unanswered(2000, 3000);
  expect([servers.current, servers.next(3000), servers.current]).toEqual(['a', 'b', 'b']);
  expect([servers.isConnected, servers.switches, servers.leaveAt]).toEqual([false, 1, 3500]);
  expect(servers.verdict(false, 3000)).toBeUndefined();
  servers.unanswered(2999, 3999); // It was asked of the one before.
  servers.unanswered(3000, 4000);
  expect(servers.verdict(false, 4000)).toBeUndefined();
  expect([servers.next(5000), servers.next(6000), servers.switches]).toEqual(['c', 'a', 3]);
});
