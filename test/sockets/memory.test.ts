/**
 * Memory: a sender whose receiver stands still stays within the bound that the options document,
 * however much it attempts to send.
 */
import { expect, test } from 'vitest';
import { runScript } from '../support/child.ts';

const MIB = 1 << 20;
// What the queue may hold, what ZeroMQ may hold for one peer at both ends of its connection, which
// both are in that process, and the heap's own coming and going.
const BOUND = 8 * MIB + 2 * 128 * 64 * 1024 + 60 * MIB;

test('ten million sends that are refused cost no more memory than the queue', async () => {
  const program = new URL('programs/refused.ts', import.meta.url);
  const run = await runScript(program, { source: true });
  expect(run.code, run.stderr).toBe(0);
  const { growth, depthBytes, sent, refused, seconds } = JSON.parse(run.stdout);
  expect(refused).toBeGreaterThan(5_000_000); // The slower the machine, the more is taken meanwhile.
  expect(sent).toBeGreaterThan(64);
  expect(depthBytes).toBeLessThanOrEqual(8 * MIB + 65_536 + 256);
  expect(growth).toBeLessThan(BOUND);
  expect(seconds).toBeLessThan(20);
}, 40_000);
