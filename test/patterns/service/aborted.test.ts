/**
 * Tests of a hundred thousand calls that were given up: nothing of them is left.
 */
import { expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { compiled } from '../../support/compiled.ts';

test('a hundred thousand calls that are given up leave nothing behind', {
  timeout: 120_000,
}, async () => {
  const program = compiled(new URL('programs/aborted.ts', import.meta.url));
  const { code, stdout, stderr } = await runScript(program, { timeoutMs: 110_000 });
  expect([code, stderr]).toEqual([0, '']);
  const { left, ratio } = JSON.parse(stdout) as { left: object; ratio: number };
  const nothing = { inFlight: 0, depth: 0, faults: 0, running: 0, waiting: 0, replies: 0 };
  expect(left).toEqual({ ...nothing, clients: 1, listeners: 0 });
  expect(ratio).toBeLessThan(1.1);
});
