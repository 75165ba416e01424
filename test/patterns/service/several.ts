/**
 * Several servers that say who they are, for tests of clients that choose between them.
 */
import {
  type Client,
  type ConnectOptions,
  call,
  contract,
  type Server,
  serve,
} from 'brokerless/patterns/service';
import { numbers } from '../../support/collect.ts';
import { clientOf, Desk, met } from './running.ts';

/** What the servers can be asked. */
export const where = contract('where', {
  who: call<void, number>({ idempotent: true }),
  hold: call<number, number>(),
});

/** Servers, and what they have been asked to hold. */
export interface Several extends AsyncDisposable {
  readonly desks: readonly Desk[];
  readonly servers: readonly Server[];
  readonly endpoints: readonly string[];
  /** A client of all of them, once they are there. */
  client(options?: Partial<ConnectOptions>): Promise<Client<(typeof where)['methods']>>;
}

/** Servers that say who they are; the first of them is 0. */
export async function serving(count: number): Promise<Several> {
  const desks = numbers(count).map(() => new Desk());
  const servers = await Promise.all(
    desks.map((desk, n) =>
      serve(where, { who: () => n, hold: desk.handler }, { bind: 'tcp://127.0.0.1:*', drainMs: 0 }),
    ),
  );
  return {
    desks,
    servers,
    endpoints: servers.map(({ endpoint }) => endpoint),
    async client(options = {}) {
      const client = await clientOf(where, servers, options);
      await met(client, count);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** How often each server has answered. */
export function shares(answers: readonly number[], count: number): number[] {
  return numbers(count).map((n) => answers.filter((each) => each === n).length);
}
