/**
 * What zeromq does to whoever uses it carelessly, and what therefore must not happen to users of our
 * sockets: crashes, frozen connections, EBUSY, loops that throw, corrupted buffers. Each in a process
 * of its own; test/upstream shows the same faults in zeromq itself.
 */
import { describe, expect, test } from 'vitest';
import { type RunOptions, runScript } from '../support/child.ts';

/** Runs a program of ours from source and gives its one line of output, if it ends well. */
async function output(program: string, args: readonly string[], options: RunOptions = {}) {
  const url = new URL(`programs/${program}.ts`, import.meta.url);
  const run = await runScript(url, { source: true, args, ...options });
  expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
  return run.stdout.trim();
}

describe('bad options never crash the process at its end', () => {
  test.concurrent.for(['Push', 'Pull'])('of a %s', async (type, context) => {
    const bad = [{ foo: 1 }, { linger: 'abc' }, { highWaterMark: -5 }, { codec: {} }, 'text'];
    const printed = await output('bad-option', [type, JSON.stringify(bad)]);
    context.expect(printed.split('\n')).toEqual(bad.flatMap(() => Array(3).fill('BAD_OPTION')));
  });
});

describe('connections that flap, with nobody listening to events', () => {
  test('freeze no other socket', async () => {
    const printed = await output('flapping', ['40', '3000']);
    expect(JSON.parse(printed)).toEqual({ received: 3000, last: -1 });
  });

  test('freeze nothing for longer than the event loop itself stood still', async () => {
    expect(await output('blocked', [])).toBe('talks');
  });
});

describe('a worker thread that ends with open sockets takes nothing with it', () => {
  test.for([
    ['throw', 1],
    ['exit', 3],
    ['close', 0],
  ] as const)('twenty times, when it ends by %s', { timeout: 65_000 }, async ([how, code]) => {
    const printed = await output('threads', [how, '20'], { timeoutMs: 60_000 });
    expect(JSON.parse(printed)).toEqual({ codes: [code], late: 'late' });
  });
});

describe('sends that nobody awaits never meet EBUSY', () => {
  test.for([
    ['tcp://127.0.0.1:*', 'true'],
    ['tcp://127.0.0.1:*', 'false'],
    ['inproc://burst', 'false'],
  ] as const)('over %s, batched: %s', async (args) => {
    expect(await output('burst', args)).toBe('in order');
  });
});

describe('a loop just ends when the socket is closed', () => {
  test.for([
    ['false', 'inside'],
    ['false', 'beside'],
    ['true', 'inside'],
  ] as const)('at any message about the 513th, batched: %s, %s the loop', async (args) => {
    expect(await output('close-at', args)).toBe('ended');
  });
});

describe('a buffer may be written to as soon as it was sent', () => {
  const sizes = [128, 129, 1024, 65_536];
  const endpoints = ['tcp://127.0.0.1:*', 'inproc://reuse'];
  const all = endpoints.flatMap((endpoint) => ['raw', 'cbor'].map((codec) => [endpoint, codec]));
  test.concurrent.for(all)('over %s, codec %s', async (args, context) => {
    const printed = await output('reuse', [...args, ...sizes.map(String)]);
    context.expect(JSON.parse(printed)).toEqual(sizes.map((size) => ({ size, bad: 0 })));
  });
});
