/**
 * Runs services for the tests: a server and a client of it, closed with the scope; and handlers that a test holds.
 */
import {
  type CallContext,
  type Client,
  type ConnectOptions,
  type Contract,
  connectTo,
  type HandlersOf,
  type Methods,
  type ServeOptions,
  type Server,
  serve,
} from 'brokerless/patterns/service';
import { until } from '../../support/until.ts';

/** How long a test waits for what depends on other processes, or on much work. */
export const LONG = { timeoutMs: 60_000 };

/** Tests that start processes, or have much to do, on a machine that may be busy. */
export const PATIENT = { timeout: 120_000 };

/** Over what services are tried, by the names of the transports. */
export const transports: Readonly<Record<string, string>> = {
  inproc: 'inproc://service',
  ipc: 'ipc://*',
  tcp: 'tcp://127.0.0.1:*',
};

/** How the two sides are made. */
export interface PairOptions {
  /** Where the server is bound. Default: by tcp, wherever there is room. */
  readonly bind?: string;
  /** Options of the server. By default it waits for nobody when it is closed. */
  readonly serve?: Partial<ServeOptions>;
  /** Options of the client. */
  readonly connect?: Partial<ConnectOptions>;
}

/** A server and a client of it. */
export interface Pair<Own extends Methods> extends AsyncDisposable {
  readonly server: Server;
  readonly client: Client<Own>;
}

/** A server with a client that it knows. */
export async function pair<Own extends Methods>(
  contract: Contract<Own>,
  handlers: HandlersOf<Own>,
  options: PairOptions = {},
): Promise<Pair<Own>> {
  const { bind = 'tcp://127.0.0.1:*' } = options;
  const server = await serve(contract, handlers, { bind, drainMs: 0, ...options.serve });
  const client = await clientOf(contract, server, options.connect);
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

/** A client of these servers, once one of them is there; of a contract of its own, if need be. */
export function clientOf<Own extends Methods>(
  contract: Contract<Own>,
  servers: Pick<Server, 'endpoint'> | readonly Pick<Server, 'endpoint'>[],
  options: Partial<ConnectOptions> = {},
): Promise<Client<Own>> {
  const to = [servers].flat().map(({ endpoint }) => endpoint);
  return connectTo(contract, { to, connectMs: LONG.timeoutMs, ...options });
}

/** Waits until a client has so many servers that take calls. */
export function met(client: Pick<Client<Methods>, 'stats'>, count: number): Promise<void> {
  const what = `the client has ${count} servers`;
  return until(() => client.stats().connections === count, { ...LONG, what });
}

/** A call that waits for a test to answer it. */
export interface Held<In, Out> {
  readonly input: In;
  readonly context: CallContext<unknown>;
  readonly resolve: (output: Out) => void;
  readonly reject: (error: unknown) => void;
}

/** A handler that takes calls and answers none until the test does. */
export class Desk<In = number, Out = number> {
  /** All calls so far, in the order in which they came. */
  readonly held: Held<In, Out>[] = [];

  /** The handler. */
  readonly handler = (input: In, context: CallContext<unknown>): Promise<Out> =>
    new Promise((resolve, reject) => this.held.push({ input, context, resolve, reject }));

  /** The call in this place, once it is there. */
  async call(place: number): Promise<Held<In, Out>> {
    await until(() => this.held.length > place, { ...LONG, what: `call ${place} has come` });
    return this.held[place] as Held<In, Out>;
  }

  /** All inputs so far. */
  get inputs(): In[] {
    return this.held.map(({ input }) => input);
  }
}

/** A promise for handlers to wait at, and what opens it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The same promise; if nobody waits for it, nobody hears that it was rejected. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** What became of many calls: how many were answered, and why the others were not. */
export function sorted<T>(outcomes: readonly PromiseSettledResult<T>[]): {
  readonly answers: readonly T[];
  readonly failures: readonly unknown[];
} {
  return {
    answers: outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    failures: outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
  };
}
