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
  const run = await runScript(url, { source: true, args, timeoutMs: 15_000, ...options });
  expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
  return run.stdout.trim();
}

describe('a bad option never crashes the process at its end', () => {
  test.concurrent.for([
    ['Push', { foo: 1 }],
    ['Push', { linger: 'abc' }],
    ['Push', { highWaterMark: -5 }],
    ['Pull', { heartbeatMs: 'often' }],
    ['Pull', { schema: {} }],
  ] as const)('%s with %o', async ([type, options], context) => {
    const printed = await output('bad-option', [type, JSON.stringify(options)]);
    context.expect(printed.split('\n')).toEqual(['BAD_OPTION', 'BAD_OPTION', 'BAD_OPTION']);
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
    ['rejection', 1],
    ['exit', 3],
    ['close', 0],
  ] as const)('when it ends by %s', { timeout: 40_000 }, async ([how, code]) => {
    const printed = await output('threads', [how, '20'], { timeoutMs: 30_000 });
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
  const sizes = ['129', '1024', '65536'];
  const endpoints = ['tcp://127.0.0.1:*', 'inproc://reuse'];
  const all = endpoints.flatMap((endpoint) =>
    ['raw', 'cbor'].flatMap((codec) => sizes.map((size) => [endpoint, codec, size] as const)),
  );
  test.concurrent.for(all)('over %s, %s, %s bytes', async (args, context) => {
    context.expect(JSON.parse(await output('reuse', args))).toEqual({ bad: 0 });
  });
});
