/**
 * Server: carries out what a contract says, for any number of clients.
 *
 *     client ──DEALER──▶ ROUTER [ server ] ──▶ handlers
 *
 * Trouble it takes away: calls to a service by hand-written messages that nobody checks; callers that wait for ever,
 * and handlers that work on for nobody; a server that takes on more than it can do; restarts that lose what was asked.
 * Guaranteed: each call is carried out at most once by each server that it reaches, and with a key has one effect;
 * what is not taken on is refused at once. Lost: what is being carried out when the process dies; callers hear of it.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Check,
  checkArgument,
  checkOptions,
  type Listenable,
  type Running,
} from 'brokerless/kit';
import type { Contract, Methods } from './contract.ts';
import { type AnyHandler, surround } from './middleware.ts';
import { arrivalOf, departureOf } from './schemas.ts';
import type { ServedMethod } from './served-method.ts';
import type { ClientLoss } from './server-acts-rules.ts';
import { type ServeOptions, serveChecks } from './server-options.ts';
import { MethodNumbers, type ServerStats } from './server-stats.ts';
import { Serving } from './serving.ts';

/** For each method of a contract what carries it out. */
export type HandlersOf<Own extends Methods> = {
  readonly [Name in keyof Own]: NonNullable<Own[Name]['types']>['serve'];
};

/** What there is to hear of a server. */
export interface ServerEvents {
  /** A client has introduced itself. */
  readonly 'client:join': { readonly client: string };
  /** A client is one no longer. */
  readonly 'client:lost': { readonly client: string; readonly reason: ClientLoss };
}

/** A server at work. */
export interface Server extends Running<ServerStats>, Listenable<ServerEvents> {
  /** Where clients connect: the first of {@link endpoints}. */
  readonly endpoint: string;
  /** All the real endpoints, after wildcards. */
  readonly endpoints: readonly string[];
  /**
   * Has clients ask other servers, and resolves when all is done that was asked before they knew, or when the server
   * is closed. It answers until then.
   */
  drain(): Promise<void>;
}

/**
 * Starts a server. Closing it drains it first, for `drainMs` at most; then handlers are told to stop.
 *
 * Rejects with `BAD_OPTION` for an option or a handler that is missing or wrong, and as binding rejects.
 */
export async function serve<Own extends Methods>(
  contract: Contract<Own>,
  handlers: HandlersOf<Own>,
  options: ServeOptions,
): Promise<Server> {
  checkOptions('serve', options, serveChecks);
  checkArgument('serve', 'bind', options.bind, serveChecks.bind);
  checkArgument('serve', 'handlers', handlers, isObject);
  const methods = methodsOf(contract, handlers, options);
  const server = new Serving(contract, methods, options);
  try {
    const places = typeof options.bind === 'string' ? [options.bind] : options.bind;
    for (const place of places) await server.bind(place);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

const isObject: Check = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'an object of functions';

function methodsOf<Own extends Methods>(
  contract: Contract<Own>,
  handlers: HandlersOf<Own>,
  { use = [] }: ServeOptions,
): readonly ServedMethod[] {
  const given: Readonly<Record<string, unknown>> = handlers;
  // An object of a class may have members of its own besides.
  const isPlain = Object.getPrototypeOf(given) === Object.prototype;
  for (const name of isPlain ? Object.keys(given) : []) {
    if (!Object.hasOwn(contract.methods, name)) {
      throw new BrokerlessError('BAD_OPTION', `serve: the contract has no ${name}`);
    }
  }
  return Object.entries(contract.methods).map(([name, { kind, input, output }]) => {
    const handler = given[name]; // No method has the name of a member that every object has.
    if (typeof handler !== 'function') {
      throw new BrokerlessError('BAD_OPTION', `serve: there is no handler for ${name}`);
    }
    return {
      name,
      kind,
      handle: surround(handler.bind(given) as AnyHandler, { method: name, kind }, use),
      arrival: arrivalOf(input),
      departure: departureOf(output, `${name} gave what it should not`),
      numbers: new MethodNumbers(),
    };
  });
}
