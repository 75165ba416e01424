/**
 * Sockets in worker threads: however a thread ends, the process and its other sockets go on, and over
 * inproc threads talk. Each in a process of its own, as what could go wrong would take it along.
 */
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';

async function output(program: string, args: readonly string[] = []): Promise<string> {
  const url = new URL(`programs/${program}.ts`, import.meta.url);
  const run = await runScript(url, { source: true, args });
  expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
  return run.stdout.trim();
}

const ways = [
  ['returns, its sockets closed', 'return', 0],
  ['throws', 'throw', 1],
  ['calls process.exit', 'exit', 3],
  ['is terminated, its sockets closed', 'terminate', 1],
] as const;

describe('a thread with sockets of all types takes nothing with it', () => {
  test.for(ways)('when it %s', { timeout: 65_000 }, async ([, how, code]) => {
    const printed = await output('thread-ends', [how, '6']);
    expect(JSON.parse(printed)).toEqual({ codes: [code], late: 'late' });
  });
});

test('sockets of all types talk over inproc between threads', { timeout: 65_000 }, async () => {
  expect(JSON.parse(await output('thread-inproc'))).toEqual({
    code: 0,
    pulled: 2000,
    ready: 'subscribed',
    published: 2000,
    echoed: 2000,
    right: true,
  });
});

test('what a thread has sent over inproc outlives it', { timeout: 65_000 }, async () => {
  expect(await output('thread-gone')).toBe(`${8 * 50 * 4}`);
});

test('a socket in a thread sends over inproc or elsewhere', async () => {
  const [push, dealer, pull, published] = (await output('thread-mixed')).split('\n');
  expect(push).toMatch(/^ADDRESS Push: cannot connect to tcp:.* has no other endpoints$/);
  expect(dealer).toMatch(/^ADDRESS Dealer: cannot bind inproc:.* has no other endpoints$/);
  expect(pull).toBe('bound');
  expect(published, 'of a topic that is short and one that is long').toBe('1 1');
});

test('a Router in a thread refuses at once what cannot be sent', async () => {
  expect(await output('thread-refused')).toBe('UNREACHABLE\nPEER_FULL');
});
