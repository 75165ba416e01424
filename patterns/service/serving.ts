/**
 * Serving: a server at work: gives its rules a ROUTER and a clock, and its handlers what the rules say is next.
 */
import { BrokerlessError, Router } from 'brokerless';
import {
  bodiesBy,
  type Driven,
  deferred,
  drive,
  type Frames,
  hear,
  Listeners,
  once,
  type PeerMessage,
  type Port,
  surface,
  systemClock,
  waitFor,
  workOf,
} from 'brokerless/kit';
import type { Contract } from './contract.ts';
import { Handlers } from './handlers.ts';
import { BESIDES_BYTES, MESSAGE_BYTES } from './messages.ts';
import type { ServedMethod } from './served-method.ts';
import type { Served } from './served-rules.ts';
import type { Server, ServerEvents } from './server.ts';
import type { ServerTold } from './server-acts-rules.ts';
import { type ServeOptions, serverRuleOptions } from './server-options.ts';
import { ServerRules } from './server-rules.ts';
import { type MethodNumbers, type ServerStats, serverStats } from './server-stats.ts';

// So many messages may be on their way to clients before more is read.
const WINDOW = 64;

// How many messages of small answers wait for one client before it counts as one that takes nothing.
const HIGH_WATER_MARK = 10_000;

// How long what was said last may take to leave.
const FLUSH_MS = 1000;

// What is asked in a message takes about so many bytes.
const CALL_BYTES = 16;

/** What a server says of itself. */
export interface ServerInfo {
  /** The name of its contract. */
  readonly name: string;
  /** The version of that. */
  readonly version: string;
  /** The hash of that. */
  readonly hash: string;
  /** How each method is answered. */
  readonly methods: Readonly<Record<string, string>>;
}

/** One server, from its first bind to its end. */
export class Serving implements Server {
  readonly endpoints: string[] = [];
  readonly close: () => Promise<void>;
  readonly #options: ServeOptions;
  readonly #contract: Contract;
  readonly #methods: readonly ServedMethod[];
  readonly #rules: ServerRules;
  readonly #router: Router<Frames>;
  readonly #driven: Driven<'clients', PeerMessage, ServerTold>;
  readonly #handlers: Handlers;
  readonly #events = new Listeners<ServerEvents>();
  readonly #drained = deferred<void>();
  readonly #inform: (value: unknown) => Uint8Array;

  constructor(contract: Contract, methods: readonly ServedMethod[], options: ServeOptions) {
    const { maxMessageBytes = 1 << 20, clock = systemClock } = options;
    this.#options = options;
    this.#contract = contract;
    this.#methods = methods;
    this.#rules = new ServerRules(serverRuleOptions(contract, options));
    this.#router = this.#open();
    this.#driven = drive<'clients', PeerMessage, ServerTold>(this.#rules, {
      ports: { clients: portOf(this.#router) },
      tell: (told) => this.#hear(told),
      onError: surface,
      window: WINDOW,
      clock,
    });
    const bodies = bodiesBy<unknown, unknown>('cbor', maxMessageBytes);
    this.#inform = (value) => bodies.encode(value);
    this.#handlers = new Handlers({
      rules: this.#rules,
      perform: (decide) => this.#driven.perform(decide),
      methods,
      bodies,
      clock,
      stack: options.stack ?? false,
      onError: options.onError,
    });
    this.close = once(() => this.#end());
  }

  get endpoint(): string {
    return this.endpoints[0] ?? '';
  }

  /** Makes it reachable there. Rejects as binding rejects. */
  async bind(place: string): Promise<void> {
    await this.#router.bind(place);
    this.endpoints.push(this.#router.endpoint);
  }

  drain(): Promise<void> {
    this.#driven.perform((now) => this.#rules.drain(now));
    return this.#drained.promise;
  }

  stats(): ServerStats {
    const numbers = this.#methods.map(({ name, numbers: own }) => [name, own] as const);
    return serverStats(this.#rules, this.#router.stats().faults, numbers);
  }

  on<Name extends keyof ServerEvents>(
    name: Name,
    listener: (event: ServerEvents[Name]) => void,
  ): void {
    this.#events.on(name, listener);
  }

  off<Name extends keyof ServerEvents>(
    name: Name,
    listener: (event: ServerEvents[Name]) => void,
  ): void {
    this.#events.off(name, listener);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): Router<Frames> {
    const { maxMessageBytes = 1 << 20, insecure, notifications, onFault } = this.#options;
    return new Router<Frames>({
      codec: 'frames',
      highWaterMark: HIGH_WATER_MARK,
      maxMessageBytes: maxMessageBytes + BESIDES_BYTES + MESSAGE_BYTES,
      maxQueueBytes: Number.MAX_SAFE_INTEGER, // The rules bound what is on its way.
      insecure,
      notifications,
      onFault,
      onLeave: (peer) => this.#driven.perform(() => this.#rules.left('clients', peer)),
    });
  }

  #hear(told: ServerTold): void {
    switch (told.kind) {
      case 'work':
        return this.#handlers.run();
      case 'unwanted':
        this.#numbersOf(told.served)[told.why === 'expired' ? 'expired' : 'cancelled'] += 1;
        if (told.isAtWork) this.#handlers.stop(told.served, told.why);
        return;
      case 'forsaken':
        return this.#handlers.stop(told.served, told.why);
      case 'refused':
      case 'repeated':
        this.#numbersOf(told.served)[told.kind] += 1;
        return;
      case 'credit':
        return this.#handlers.resume(told.served);
      case 'question': {
        const { session, number, question } = told;
        const answer = this.#inform(question === 'stats' ? this.stats() : this.#info());
        this.#driven.perform((now) => this.#rules.inform(session, number, answer, now));
        return;
      }
      case 'joined':
        return this.#events.emit('client:join', { client: told.client });
      case 'lost':
        return this.#events.emit('client:lost', { client: told.client, reason: told.reason });
      case 'fault':
        return this.#offer(`a message of ${told.client} makes no sense`);
      case 'drained':
        return this.#drained.resolve();
    }
  }

  #offer(reason: string): void {
    hear(this.#options.onFault, new BrokerlessError('BAD_MESSAGE', reason));
  }

  #numbersOf({ came }: Served): MethodNumbers {
    return (this.#methods[came.method] as ServedMethod).numbers;
  }

  /** What it says of itself. */
  #info(): ServerInfo {
    const { name, version, hash, methods } = this.#contract;
    const kinds = Object.entries(methods).map(([key, { kind }]) => [key, kind] as const);
    return { name, version, hash, methods: Object.fromEntries(kinds) };
  }

  async #end(): Promise<void> {
    const { drainMs = 5000, clock } = this.#options;
    const drained = this.drain();
    if (drainMs > 0 && this.endpoints.length > 0) {
      await waitFor('drain', drained, { timeoutMs: drainMs }, clock).catch(() => {});
    }
    this.#driven.perform(() => this.#rules.abandon());
    this.#drained.resolve(); // Nothing more is waited for.
    await this.#router.close({ drainMs: FLUSH_MS });
    this.#driven.stop();
  }
}

/** A server's ROUTER as a port. */
function portOf(router: Router<Frames>): Port<PeerMessage> {
  return {
    messages: router,
    workOf: ({ value: [frame] }: PeerMessage) => workOf((frame?.length ?? 0) / CALL_BYTES, 0),
    send: ({ peer, value }) => router.send(peer, value, { transfer: true }),
  };
}
