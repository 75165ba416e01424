/**
 * Tests of schemas in a contract: checked at both ends, so that neither has to trust the other.
 */
import type { Schema } from 'brokerless';
import { call, connectTo, contract, event, stream } from 'brokerless/patterns/service';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejects } from '../../contracts/lifecycle.ts';
import { until } from '../../support/until.ts';
import { Desk, LONG, later, pair } from './running.ts';

const Item = z.object({ sku: z.string('no text'), count: z.coerce.number('no number') });
const Order = z.object({ items: z.array(Item) });
const Receipt = z.object({ total: z.number('no number') });

type Ordered = z.output<typeof Order>;
type Received = z.output<typeof Receipt>;

/** The same contract twice: with its schemas, and by its types alone. */
const strict = contract('shop', { buy: call({ input: Order, output: Receipt }) });
const loose = contract('shop', { buy: call<Ordered, Received>() });

/** A schema of our own. */
function own<T>(validate: Schema<T>['~standard']['validate']): Schema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const order = { items: [{ sku: 'a', count: 1 }] };
const wrong = { items: [{ sku: 'a', count: 1 }, { sku: 5 }] } as unknown as Ordered;

/** A client of the loose contract beside that of a server of the strict one, or the other way round. */
async function mixed(
  buy: (order: Ordered) => Received | Promise<Received>,
  isServerStrict: boolean,
) {
  const desk: Ordered[] = [];
  const handlers = {
    buy: (order: Ordered) => {
      desk.push(order);
      return buy(order);
    },
  };
  const [theirs, ours] = isServerStrict ? [strict, loose] : [loose, strict];
  const both = await pair(theirs, handlers);
  const client = await connectTo(ours, { to: both.server.endpoint });
  return {
    handled: desk,
    client,
    server: both.server,
    async [Symbol.asyncDispose]() {
      await client.close();
      await both[Symbol.asyncDispose]();
    },
  };
}

describe('an input that its schema refuses', () => {
  test('does not leave the client, and its refusal names the field', async () => {
    await using at = await mixed(() => ({ total: 1 }), false);
    const error = await rejects(at.client.buy(wrong), 'BAD_VALUE');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(String(error)).toMatch(/buy .*items\.1\.sku: no text; items\.1\.count: no number/);
    expect(at.client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
    expect(at.handled).toEqual([]);
    expect(await at.client.buy(order)).toEqual({ total: 1 });
  });

  test('is not carried out by a server whose client has none', async () => {
    await using at = await mixed(() => ({ total: 1 }), true);
    const error = await rejects(at.client.buy(wrong, { retries: 3 }), 'BAD_VALUE');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(String(error)).toContain('items.1.sku: no text');
    expect(at.handled).toEqual([]);
    expect(at.client.stats()).toMatchObject({ sent: 1, retried: 0, inFlight: 0 });
    expect(at.server.stats().methods['buy']).toMatchObject({ received: 1, invalid: 1, failed: 0 });
    expect(await at.client.buy(order)).toEqual({ total: 1 });
  });

  test('leaves as it was given: the server has what its own schema makes of it', async () => {
    const text = { items: [{ sku: 'a', count: '7', more: 1 }] } as unknown as Ordered;
    await using plain = await mixed(() => ({ total: 1 }), false);
    await plain.client.buy(text);
    expect(plain.handled).toEqual([text]);
    await using checked = await mixed(() => ({ total: 1 }), true);
    await checked.client.buy(text);
    expect(checked.handled).toEqual([{ items: [{ sku: 'a', count: 7 }] }]);
  });
});

describe('an output that its schema refuses', () => {
  const give = (): Received => ({ total: 'seven' }) as never;

  test('does not leave the server: its handler has failed', async () => {
    await using at = await mixed(give, true);
    const error = await rejects(at.client.buy(order), 'HANDLER_FAILED');
    expect(error).toMatchObject({ mayHaveRun: 'maybe', data: { code: 'BAD_VALUE' } });
    expect(String(error)).toContain('total: no number');
    expect(at.server.stats().methods['buy']).toMatchObject({ failed: 1, done: 0 });
  });

  test('is an answer that makes no sense to a client that looks', async () => {
    await using at = await mixed(give, false);
    const error = await rejects(at.client.buy(order), 'BAD_MESSAGE');
    expect(error).toMatchObject({ mayHaveRun: 'maybe', cause: expect.any(Error) });
    expect(String(error)).toContain('total: no number');
    expect(at.client.stats()).toMatchObject({ inFlight: 0 });
  });

  test('reaches a caller as its own schema makes it', async () => {
    const more = (): Received => ({ total: 7, more: 'left out' }) as Received;
    await using checked = await mixed(more, false);
    expect(await checked.client.buy(order)).toEqual({ total: 7 });
    await using plain = await mixed(more, true);
    expect(await plain.client.buy(order)).toEqual({ total: 7, more: 'left out' });
  });
});

describe('a schema that takes its time', () => {
  const Slow = z.string().refine(async (text) => text !== 'bad', 'bad text');
  const Throws = own<number>(async () => Promise.reject(new Error('the database is away')));
  const slow = contract('slow', {
    echo: call({ input: Slow, output: Slow }),
    broken: call({ input: Throws, output: z.number() }),
    letters: stream({ input: Slow, output: Slow }),
    told: event({ input: Slow }),
  });
  const plain = contract('slow', {
    echo: call<string, string>(),
    broken: call<number, number>(),
    letters: stream<string, string>(),
    told: event<string>(),
  });
  const handlers = {
    echo: (text: string) => (text === 'turns' ? 'bad' : text),
    broken: (n: number) => n,
    letters: (text: string) => text.split(' '),
    told: () => {},
  };

  test('is waited for at both ends, in calls, streams and events', async () => {
    await using both = await pair(slow, handlers);
    const { client } = both;
    expect(await client.echo('good')).toBe('good');
    await rejects(client.echo('bad'), 'BAD_VALUE');
    expect(await rejects(client.echo('turns'), 'HANDLER_FAILED')).toMatchObject({
      data: { code: 'BAD_VALUE' },
    });
    const letters: string[] = [];
    for await (const letter of client.letters('a b c')) letters.push(letter);
    expect(letters).toEqual(['a', 'b', 'c']);
    await rejects(client.letters('bad').next(), 'BAD_VALUE');
    await rejects(client.told('bad'), 'BAD_VALUE');
    await client.told('good');
    await until(() => both.server.stats().methods['told']?.done === 1);
  });

  test('refuses what a client that has none sends', async () => {
    await using both = await pair(slow, handlers);
    await using client = await connectTo(plain, { to: both.server.endpoint });
    expect(String(await rejects(client.echo('bad'), 'BAD_VALUE'))).toContain('bad text');
    expect(String(await rejects(client.broken(1), 'BAD_VALUE'))).toContain('database is away');
    await rejects(client.letters('bad').next(), 'BAD_VALUE');
    await client.told('bad');
    await until(() => both.server.stats().methods['told']?.invalid === 1);
    expect(both.server.stats()).toMatchObject({ inFlight: 0, depth: 0 });
  });

  test('and for which nobody waits any more changes nothing', async () => {
    const desk = new Desk<string, boolean>();
    const Held = own<string>(async (value) => {
      await desk.handler(String(value), undefined as never);
      return { value: String(value) };
    });
    const held = contract('held', { echo: call({ input: Held, output: z.string() }) });
    const free = contract('held', { echo: call<string, string>() });
    let calls = 0;
    await using both = await pair(held, { echo: (text) => `${text}${(calls += 1)}` });
    await using client = await connectTo(free, { to: both.server.endpoint });
    await client.ready(LONG);
    const asked = later(client.echo('a', { timeoutMs: 500 }));
    const check = await desk.call(0);
    await rejects(asked, 'TIMEOUT');
    await until(() => {
      const { cancelled = 0, expired = 0 } = both.server.stats().methods['echo'] ?? {};
      return cancelled + expired === 1;
    });
    check.resolve(true);
    await until(() => both.server.stats().inFlight === 0);
    expect(client.stats()).toMatchObject({ inFlight: 0 });
  });
});

describe('schemas by', () => {
  test('valibot are as good', async () => {
    const Pair = v.object({ a: v.number('no number'), b: v.optional(v.number(), 1) });
    const sums = contract('sums', {
      add: call<v.InferInput<typeof Pair>, number>({ input: Pair, output: v.number() }),
    });
    await using both = await pair(sums, { add: ({ a, b = 0 }) => a + b });
    expect(await both.client.add({ a: 2 })).toBe(3);
    const error = await rejects(both.client.add({ a: 'x' } as never), 'BAD_VALUE');
    expect(String(error)).toContain('a: no number');
  });
});
