/**
 * Tests of handlers, of what they give or throw, and of codecs, over real sockets.
 */
import type { JobContext } from 'brokerless/patterns/paranoid-pirate';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { until } from '../../support/until.ts';
import { atRest, gate, LONG, later, startPirates } from './running.ts';

describe('a handler', () => {
  test('that throws or rejects fails the request with its message, code and data, and goes on', async () => {
    await using pirates = await startPirates();
    const errors: unknown[] = [];
    const worker = await pirates.work(
      (x: number) => {
        if (x === 0)
          throw Object.assign(new Error('no paper'), { code: 'PAPER', data: { tray: 2 } });
        if (x === 1) return Promise.reject(new Error('no ink'));
        return x;
      },
      { onError: (error) => errors.push(error) },
    );
    const client = await pirates.client<number, number>();
    const paper = { code: 'PAPER', data: { tray: 2 } };
    await expect(client.request(0)).rejects.toMatchObject({ message: 'no paper', data: paper });
    await expect(client.request(1)).rejects.toMatchObject({ code: 'HANDLER_FAILED' });
    expect(await client.request(2)).toBe(2);
    expect(errors).toMatchObject([{ message: 'no paper' }, { message: 'no ink' }]);
    expect(worker.stats()).toMatchObject({ received: 3, sent: 3 });
  });

  test.each<[string, () => unknown]>([
    ['a function', () => () => {}],
    ['a symbol', () => Symbol('no')],
    ['an object that is no value', () => ({ deep: { f: () => {} } })],
  ])('that gives %s fails the request: it cannot travel', async (_, handler) => {
    await using pirates = await startPirates();
    await pirates.work(handler);
    const client = await pirates.client();
    await expect(client.request(1)).rejects.toMatchObject({ data: { code: 'BAD_VALUE' } });
    await atRest(pirates, 1);
  });

  test('that never ends holds one lane, and hears that the worker is closed', async () => {
    await using pirates = await startPirates();
    const contexts: JobContext[] = [];
    const worker = await pirates.work(
      (x: string, context) => {
        if (x !== 'hang') return x;
        contexts.push(context);
        return new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
      { concurrency: 2 },
    );
    const client = await pirates.client<string, string>({ timeoutMs: 3000 });
    const hanging = later(client.request('hang'));
    await until(() => contexts.length === 1, LONG);
    for (const x of ['a', 'b', 'c']) expect(await client.request(x)).toBe(x);
    expect(contexts[0]?.signal.aborted).toBe(false);
    await worker.close();
    expect(contexts[0]?.signal.aborted).toBe(true);
    await until(() => pirates.queue.stats().workers === 0, LONG);
    expect(pirates.queue.stats().waiting).toBe(1);
    await pirates.work((x: string) => `${x} again`);
    expect(await hanging).toBe('hang again');
  });

  test('hears when the queue has gone, also if it asks for its signal only then', async () => {
    await using pirates = await startPirates();
    const contexts: JobContext[] = [];
    const held = gate();
    const worker = await pirates.work((_, context) => {
      contexts.push(context);
      return held.opened;
    });
    const client = await pirates.client();
    client.request(1).catch(() => {});
    await until(() => contexts.length === 1, LONG);
    await pirates.queue.close();
    await until(() => contexts[0]?.signal.aborted === true, LONG);
    expect(contexts[0]?.signal.reason).toMatchObject({ message: 'the broker was lost' });
    held.open();
    await until(() => worker.stats().dropped === 1, LONG);
  });

  test('is not called for a body that makes no sense, and whoever asked hears it', async () => {
    await using pirates = await startPirates();
    let calls = 0;
    const errors: unknown[] = [];
    await pirates.work(() => (calls += 1), { onError: (error) => errors.push(error) });
    const raw = new zmq.Request({ linger: 0, receiveTimeout: LONG.timeoutMs });
    raw.connect(pirates.queue.clients);
    for (const body of [[Buffer.from([0xff])], [Buffer.from([1]), Buffer.from([1])]]) {
      await raw.send(body);
      const [sign, failure] = await raw.receive();
      expect([sign?.length, failure?.includes('message')]).toEqual([0, true]);
    }
    raw.close();
    expect([calls, errors.length]).toEqual([0, 2]);
  });
});

describe('bodies', () => {
  test.each(['json', 'text', 'raw', 'cbor'] as const)('may be %s', async (codec) => {
    await using pirates = await startPirates();
    await pirates.work<unknown, unknown>((x) => x, { codec: codec as 'cbor' });
    const client = await pirates.client({ codec: codec as 'cbor' });
    const bytes = Uint8Array.of(0, 255, 1);
    const values = { json: { a: [1, null] }, text: 'ä', raw: bytes, cbor: new Map([[1, bytes]]) };
    expect(await client.request(values[codec])).toEqual(values[codec]);
  });

  test('may be as your own codec has them', async () => {
    await using pirates = await startPirates();
    const codec = {
      encode: (x: unknown) => Buffer.from(String(x).toUpperCase()),
      decode: (bytes: Uint8Array) => Buffer.from(bytes).toString().toLowerCase(),
    };
    await pirates.work<unknown, unknown>((x) => `${String(x)}!`, { codec });
    const client = await pirates.client({ codec });
    expect(await client.request('Hey')).toBe('hey!');
  });
});
