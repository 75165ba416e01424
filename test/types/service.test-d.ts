/**
 * Types of the service pattern: what must compile, and what must not. Checked by the compiler, never run.
 */
import {
  type Balance,
  type CallContext,
  type Client,
  type ClientMiddleware,
  type ClientStats,
  type Contract,
  call,
  connectTo,
  contract,
  event,
  type FromServer,
  type HandlersOf,
  isFailure,
  roundRobin,
  type Server,
  type ServerInfo,
  type ServerMiddleware,
  type ServerStats,
  serve,
  stream,
  type,
} from 'brokerless/patterns/service';
import * as v from 'valibot';
import { z } from 'zod';

interface Pair {
  readonly a: number;
  readonly b: number;
}

const math = contract('math', {
  add: call<Pair, number>(),
  primes: stream<{ upTo: number }, number>(),
  noted: event<string>(),
  now: call<void, Date>({ idempotent: true, timeoutMs: 100 }),
  ticks: stream<void, number>(),
  rang: event<void>(),
});

const bind = 'tcp://127.0.0.1:5555';

/** What both sides infer from a contract. */
export async function bothSides(): Promise<void> {
  const server: Server = await serve(
    math,
    {
      add: ({ a, b }) => a + b,
      async *primes({ upTo }, { signal, remainingMs }) {
        while (!signal.aborted) yield upTo + remainingMs;
      },
      noted: (text) => void text.toUpperCase(),
      now: async (_input, { headers }) => new Date(headers['date'] ?? 0),
      ticks: () => [1, 2, 3],
      rang: async () => {},
    },
    { bind: [bind] },
  );
  await using client = await connectTo(math, { to: server.endpoint });
  const same: Client<(typeof math)['methods']> = client;
  const sum: number = await same.add({ a: 1, b: 2 }, { timeoutMs: 5, key: 'a', retries: 2 });
  for await (const prime of client.primes({ upTo: sum }, { credit: 5 })) prime.toFixed();
  const told: undefined | void = await client.noted('text', { headers: { a: 'b' } });
  const date: Date = await client.now();
  await client.now(undefined, { signal: AbortSignal.timeout(date.getTime()) });
  for await (const tick of client.ticks()) tick.toFixed();
  await client.rang();
  const first = await client.primes({ upTo: 1 }).next();
  if (first.done !== true) first.value.toFixed();
  const stats: ClientStats = client.stats();
  const pings: readonly FromServer<number>[] = await client.ask('ping');
  const infos: readonly FromServer<ServerInfo>[] = await client.ask('info', { timeoutMs: 5 });
  const numbers: readonly FromServer<ServerStats>[] = await client.ask('stats');
  client.on('server:down', ({ server: lost, reason }) => [lost, reason]);
  server.on('client:lost', ({ client: lost, reason }) => [lost, reason]);
  void [told, stats, pings, infos, numbers];
}

/** What a client cannot ask. */
export async function wrongCalls(client: Client<(typeof math)['methods']>): Promise<void> {
  // @ts-expect-error: a pair has a b
  await client.add({ a: 1 });
  // @ts-expect-error: it is a number
  await client.add({ a: 1, b: '2' });
  // @ts-expect-error: it has no c
  await client.add({ a: 1, b: 2, c: 3 });
  // @ts-expect-error: it is needed
  await client.add();
  // @ts-expect-error: a sum is no text
  const text: string = await client.add({ a: 1, b: 2 });
  // @ts-expect-error: there is no such method
  await client.subtract({ a: 1, b: 2 });
  // @ts-expect-error: there is no such option
  await client.add({ a: 1, b: 2 }, { timeout: 5 });
  // @ts-expect-error: credit is of streams
  await client.add({ a: 1, b: 2 }, { credit: 5 });
  // @ts-expect-error: an event has no key
  await client.noted(text, { key: 'a' });
  // @ts-expect-error: a stream is not asked again
  client.primes({ upTo: 1 }, { retries: 1 });
  // @ts-expect-error: a call gives one answer
  await client.add({ a: 1, b: 2 }).next();
  // @ts-expect-error: a stream gives many
  const prime: Promise<number> = client.primes({ upTo: 1 });
  // @ts-expect-error: there is nothing to give
  await client.now(prime);
  // @ts-expect-error: there is no such question
  await client.ask('uptime');
  // @ts-expect-error: there is no such event
  client.on('server:gone', () => {});
}

const handlers: HandlersOf<(typeof math)['methods']> = {
  add: ({ a, b }) => a + b,
  primes: () => [2, 3],
  noted: () => {},
  now: () => new Date(),
  ticks: function* () {
    yield 1;
  },
  rang: () => {},
};

/** What a server cannot be. */
export async function wrongHandlers(): Promise<void> {
  const { rang, ...some } = handlers;
  // @ts-expect-error: there is no handler for rang
  await serve(math, some, { bind });
  // @ts-expect-error: a sum is a number
  await serve(math, { ...some, rang, add: ({ a, b }) => `${a}${b}` }, { bind });
  // @ts-expect-error: so is a promised one
  await serve(math, { ...some, rang, add: async ({ a, b }) => `${a}${b}` }, { bind });
  // @ts-expect-error: a pair has no c
  await serve(math, { ...some, rang, add: ({ a, c }) => a + c }, { bind });
  // @ts-expect-error: what a stream gives can be iterated
  await serve(math, { ...some, rang, primes: () => 2 }, { bind });
  // @ts-expect-error: and its values are numbers
  await serve(math, { ...some, rang, primes: () => ['2'] }, { bind });
  // @ts-expect-error: there is no such method
  await serve(math, { ...some, rang, subtract: ({ a, b }: Pair) => a - b }, { bind });
  // @ts-expect-error: it must be somewhere
  await serve(math, handlers, {});
  // @ts-expect-error: there is no such option
  await serve(math, handlers, { bind, port: 5555 });
  // @ts-expect-error: it must know whom to ask
  await connectTo(math, {});
  // @ts-expect-error: there is no such balance
  await connectTo(math, { to: bind, balance: 'random' });
}

/** Names that a client keeps to itself. */
export function reservedNames(): void {
  const add = call<Pair, number>();
  // @ts-expect-error: a client is closed by it
  contract('math', { close: add });
  // @ts-expect-error: nor is it lost by another name
  contract('math', { add, servers: add });
  // @ts-expect-error: a client has numbers
  contract('math', { add, stats: add });
  // @ts-expect-error: and listeners
  contract('math', { on: event<string>() });
  // @ts-expect-error: a method is what call, stream or event gives
  contract('math', { add: ({ a, b }: Pair) => a + b });
  // @ts-expect-error: an event gives nothing
  event({ output: z.number() });
  // @ts-expect-error: a stream is not asked again
  stream({ idempotent: true });
}

const shop = contract('shop', {
  buy: call<string, number, { SOLD_OUT: { left: number }; CLOSED: undefined }>(),
  look: call({
    input: z.object({ sku: z.string(), count: z.number().optional() }),
    output: v.object({ price: v.number() }),
    errors: { GONE: z.object({ since: z.date() }), ODD: type<string>() },
  }),
  list: stream({ input: v.string(), output: z.object({ sku: z.string() }) }),
  told: event({ input: z.object({ sku: z.string() }) }),
});

/** What is inferred from schemas, and of failures. */
export async function declared(client: Client<(typeof shop)['methods']>): Promise<void> {
  const { price }: { price: number } = await client.look({ sku: 'a' });
  for await (const { sku } of client.list('a')) await client.told({ sku });
  // @ts-expect-error: the schema says that it is text
  await client.look({ sku: price });
  // @ts-expect-error: and what is given
  const { name } = await client.look({ sku: 'a' });
  // @ts-expect-error: the same of an event
  await client.told({ name });
  try {
    await client.buy('a');
  } catch (error) {
    if (isFailure(error, shop.methods.buy, 'SOLD_OUT')) {
      const left: number = error.data.data.left;
      const code: 'SOLD_OUT' = error.data.code;
      void [left, code, error.mayHaveRun];
      // @ts-expect-error: it says how many are left, and no more
      void error.data.data.since;
    }
    if (isFailure(error, shop.methods.look, 'GONE')) error.data.data.since.getTime();
    if (isFailure(error, shop.methods.look, 'ODD')) error.data.data.toUpperCase();
    // @ts-expect-error: it declares no such failure
    if (isFailure(error, shop.methods.buy, 'GONE')) return;
    // @ts-expect-error: add declares none
    if (isFailure(error, math.methods.add, 'SOLD_OUT')) return;
  }
}

/** What handlers may say went wrong. */
export const shopping: HandlersOf<(typeof shop)['methods']> = {
  buy: (sku, context) => {
    if (sku === '') throw context.failure('CLOSED', undefined);
    if (sku === 'a') throw context.failure('SOLD_OUT', { left: 0 }, 'none left');
    // @ts-expect-error: it says how many are left
    if (sku === 'b') throw context.failure('SOLD_OUT', undefined);
    // @ts-expect-error: they are a number
    if (sku === 'c') throw context.failure('SOLD_OUT', { left: 'none' });
    // @ts-expect-error: it declares no such failure
    if (sku === 'd') throw context.failure('GONE', { since: new Date() });
    return 5;
  },
  look: ({ sku, count = 1 }, { failure }) => {
    if (sku === '') throw failure('ODD', sku);
    return { price: count };
  },
  // @ts-expect-error: a sku is text
  list: () => [{ sku: 5 }],
  told: ({ sku }, context: CallContext<unknown>) => void [sku, context.method],
};

/** Middleware, and calls within calls. */
export const timing: ServerMiddleware = async ({ method, input, context }, next) => {
  const { remainingMs, headers, client }: CallContext<Readonly<Record<string, unknown>>> = context;
  void [method, remainingMs, headers, client];
  return next(input);
};
export const tracing: ClientMiddleware = ({ input, options }, next) =>
  next(input, { ...options, headers: { traceparent: '00' } });
export const relaying: HandlersOf<{ add: (typeof math)['methods']['add'] }> = {
  add: async (pair, context) => {
    const client = await connectTo(math, { to: bind, use: [tracing], balance: roundRobin });
    // @ts-expect-error: it is asked within a context
    await client.add(pair, { within: context.signal });
    return client.add(pair, { within: context });
  },
};
export const first: Balance = ([server]) => server;
// @ts-expect-error: it chooses a server, and not a number
export const second: Balance = (servers, turn) => turn % servers.length;

/** Whatever its methods, a contract is one. */
export const any: Contract = shop;
export const name: string = any.name + math.hash + math.version;
