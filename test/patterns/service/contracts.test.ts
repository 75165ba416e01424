/**
 * Tests of contracts: what they may contain, and what becomes of two sides whose contracts are not the same.
 */
import {
  call,
  connectTo,
  contract,
  event,
  type Methods,
  type ServeOptions,
  serve,
  stream,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/until.ts';
import { LONG, later, met, pair } from './running.ts';

const methods = {
  add: call<{ a: number; b: number }, number>(),
  primes: stream<number, number>(),
  noted: event<string>(),
};
const handlers = {
  add: ({ a, b }: { a: number; b: number }): number => a + b,
  primes: (): number[] => [2, 3],
  noted: (): void => {},
};
const math = contract('math', methods);

describe('a contract', () => {
  test('has a hash made of its name, its version, and the names and kinds of its methods', () => {
    const { add, primes, noted } = methods;
    const same = contract('math', { noted, add, primes });
    expect(same.hash).toBe(math.hash);
    expect(math.hash).toMatch(/^[0-9a-f]{16}$/);
    const others = [
      contract('maths', methods),
      contract('math', methods, { version: '2' }),
      contract('math', { add, primes }),
      contract('math', { add, primes, told: noted }),
      contract('math', { add, primes, noted: add }),
      contract('math', { ...methods, more: add }),
    ];
    expect(new Set([math, ...others].map(({ hash }) => hash)).size).toBe(others.length + 1);
  });

  test.each([
    'ask',
    'close',
    'constructor',
    'hasOwnProperty',
    'off',
    'on',
    'ready',
    'servers',
    'stats',
    'then',
    'toString',
    '__proto__',
    '',
    '1st',
    'a-b',
    'a.b',
    'é',
    'x'.repeat(101),
  ])('has no method of the name "%s"', (name) => {
    const bad = Object.fromEntries([[name, methods.add]]) as Methods;
    expect(thrownBy(() => contract('math', bad), 'BAD_OPTION').message).toContain('method');
  });

  test("has methods of all other names, those of a client's inner parts among them", async () => {
    const names = ['methods', 'begin', 'add', 'x', 'X9_', 'x'.repeat(100), 'stat', 'isClosed'];
    const odd = contract('odd', Object.fromEntries(names.map((name) => [name, methods.add])));
    const answer = Object.fromEntries(names.map((name) => [name, handlers.add]));
    await using both = await pair(odd, answer);
    for (const name of names) expect(await both.client[name]?.({ a: 1, b: 2 })).toBe(3);
    expect(both.client.servers()).toHaveLength(1);
  });

  test.each([
    ['no name', () => contract('', {})],
    ['a name that is no text', () => contract(5 as never, {})],
    ['a method that is none', () => contract('math', { add: (() => 1) as never })],
    ['an empty version', () => contract('math', {}, { version: '' })],
    ['an option that there is not', () => contract('math', {}, { versoin: '1' } as never)],
    ['a schema that is none', () => call({ input: String as never })],
    ['a failure without a schema', () => call({ errors: Object({ GONE: undefined }) })],
    ['a time that is none', () => call({ timeoutMs: 0 })],
    ['a word for yes', () => call({ idempotent: 'yes' as never })],
    ['an option of a call', () => stream({ retries: 3 } as never)],
    ['an output of an event', () => event({ outptu: String } as never)],
  ])('with %s is refused at once', (_what, make) => {
    expect(() => make()).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});

describe('handlers', () => {
  const bind = { bind: 'tcp://127.0.0.1:*' };
  const { add, primes, noted } = handlers;

  test.each([
    ['missing', { add, primes }, /no handler for noted/],
    ['no functions', { add, primes, noted: 5 }, /no handler for noted/],
    ['too many', { add, primes, noted, more: add }, /has no more/],
    ['not there', null, /handlers/],
  ])('that are %s are refused', async (_what, given, message) => {
    const error = await rejects(serve(math, given as never, bind), 'BAD_OPTION');
    expect((error as Error).message).toMatch(message);
  });

  test('may be the methods of an object of a class, with members of its own', async () => {
    class Sums {
      count = 0;
      add({ a, b }: { a: number; b: number }): number {
        this.count += 1;
        return a + b + this.count;
      }
      primes(): number[] {
        return [];
      }
      noted(): void {}
    }
    await using both = await pair(math, new Sums());
    expect(await both.client.add({ a: 1, b: 2 })).toBe(4);
  });

  test('may call one another', async () => {
    const given = {
      ...handlers,
      primes(): number[] {
        return [this.add({ a: 1, b: 1 }), 3];
      },
    };
    await using both = await pair(math, given);
    const read: number[] = [];
    for await (const prime of both.client.primes(5)) read.push(prime);
    expect(read).toEqual([2, 3]);
  });
});

describe('a client of another contract', () => {
  const add = methods.add;
  const others = [
    ['name', contract('physics', methods), /asks for "physics", and this is "math"/],
    ['version', contract('math', methods, { version: '2' }), /has version "2", the server "1"/],
    ['kind of a method', contract('math', { primes: add }), /the server has no "call primes"/],
    ['method', contract('math', { add, sub: add }), /the server has no "call sub"/],
    [
      'crowd of methods',
      contract('math', Object.fromEntries(numbers(8).map((n) => [`m${n}`, add]))),
      /no "call m0", .*"call m4" and 3 more/,
    ],
  ] as const;

  test.each(others)('by its %s is told so when it connects', async (_what, other, reason) => {
    const faults: unknown[] = [];
    const onFault: ServeOptions['onFault'] = (fault) => faults.push(fault);
    await using both = await pair(math, handlers, { serve: { onFault } });
    const to = both.server.endpoint;
    const connectMs = LONG.timeoutMs;
    const error = await rejects(
      connectTo(other as typeof math, { to, connectMs }),
      'CONTRACT_MISMATCH',
    );
    expect((error as Error).message).toMatch(reason);
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(both.server.stats()).toMatchObject({ clients: 1, received: 0 });
    expect(faults).toEqual([]);
    expect(await both.client.add({ a: 1, b: 1 })).toBe(2);
  });

  test('that does not wait to connect is told by its calls, and hears of it', async () => {
    await using both = await pair(math, handlers);
    const other = contract('math', { sub: add });
    const to = both.server.endpoint;
    await using client = await connectTo(other, { to, connectMs: 0, reconnectMaxMs: 60_000 });
    const heard: unknown[] = [];
    client.on('server:mismatch', (event) => heard.push(event));
    const waiting = later(client.ready());
    const error = await rejects(client.sub({ a: 1, b: 1 }), 'CONTRACT_MISMATCH');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    await rejects(waiting, 'CONTRACT_MISMATCH');
    await rejects(client.ready(), 'CONTRACT_MISMATCH');
    await rejects(client.sub({ a: 1, b: 1 }), 'CONTRACT_MISMATCH'); // The next at once.
    expect(heard).toMatchObject([{ server: to, reason: 'the server has no "call sub"' }]);
    expect(client.servers()).toMatchObject([{ server: to, state: 'refused', asked: 0 }]);
    expect(client.stats()).toMatchObject({ sent: 0, inFlight: 0, connections: 0 });
  });

  test('asks those of its servers that are of the same, and waits while it may yet find one', async () => {
    await using both = await pair(math, handlers);
    const other = contract('math', { sub: add });
    await using right = await serve(other, { sub: ({ a, b }) => a - b }, { bind: 'ipc://*' });
    const to = [both.server.endpoint, right.endpoint];
    await using client = await connectTo(other, { to });
    expect(await Promise.all(numbers(10).map((n) => client.sub({ a: n, b: 1 })))).toEqual(
      numbers(10).map((n) => n - 1),
    );
    await until(() => client.servers().some(({ state }) => state === 'refused'), LONG);
  });

  test('works as soon as its server has been replaced by one of the same', async () => {
    const first = await serve(math, handlers, { bind: 'tcp://127.0.0.1:*', drainMs: 0 });
    const other = contract('math', { sub: add });
    const { endpoint } = first;
    const reconnect = { connectMs: 0, reconnectMs: 20, reconnectMaxMs: 50 };
    await using client = await connectTo(other, { to: endpoint, ...reconnect });
    await rejects(client.ready(), 'CONTRACT_MISMATCH');
    await first.close();
    await using second = await serve(other, { sub: ({ a, b }) => a - b }, { bind: endpoint });
    await met(client, 1);
    expect(await client.sub({ a: 3, b: 1 })).toBe(2);
    expect(second.stats()).toMatchObject({ received: 1 });
  });
});

describe('a client that knows fewer methods than its server', () => {
  test('asks those it knows, whatever their places', async () => {
    await using both = await pair(math, handlers);
    const { noted, primes } = methods;
    const fewer = contract('math', { noted, primes });
    await using client = await connectTo(fewer, { to: both.server.endpoint });
    const read: number[] = [];
    for await (const prime of client.primes(5)) read.push(prime);
    expect(read).toEqual([2, 3]);
    await client.noted('a');
    await until(() => both.server.stats().methods['noted']?.done === 1);
  });

  test('may know none at all', async () => {
    await using both = await pair(math, handlers);
    await using client = await connectTo(contract('math', {}), { to: both.server.endpoint });
    await client.ready(LONG);
    expect(await client.ask('ping', LONG)).toHaveLength(1);
  });
});
