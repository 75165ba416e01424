/**
 * Asking: a client at work: gives its rules sockets and a clock, and tells callers and listeners what they tell.
 */
import { BrokerlessError, isBrokerlessError } from 'brokerless';
import {
  bodiesBy,
  type Clock,
  checkArgument,
  type Deferred,
  type Driven,
  deferred,
  drive,
  type Frames,
  hear,
  Listeners,
  once,
  surface,
  systemClock,
  type WaitOptions,
  waitFor,
} from 'brokerless/kit';
import { Asks, type AsksParts, closedError } from './asks.ts';
import type { ClientCall } from './call-rules.ts';
import { type Caller, errorOf } from './caller.ts';
import type { Answers, ClientEvents, FromServer, ServerState, ServiceClient } from './client.ts';
import type { ClientAct, ClientTold } from './client-acts-rules.ts';
import { type ConnectOptions, clientRuleOptions, isList } from './client-options.ts';
import { ClientRules } from './client-rules.ts';
import { type ClientStats, clientStats } from './client-stats.ts';
import type { Contract } from './contract.ts';
import { follow, isLater } from './follow.ts';
import { inquire } from './inquire.ts';
import { Sockets } from './sockets.ts';

// For how long servers are waited for that are asked about themselves.
const ASK_MS = 1000;

/** One client, from its first connection to its end. */
export class Asking implements ServiceClient {
  /** How each method is asked, by name. */
  readonly methods: Readonly<Record<string, unknown>>;
  readonly close: () => Promise<void>;
  readonly #options: ConnectOptions;
  readonly #clock: Clock;
  readonly #rules: ClientRules<Caller>;
  readonly #driven: Driven<string, Frames, ClientTold<Caller>>;
  readonly #sockets: Sockets;
  readonly #parts: AsksParts;
  readonly #asks: Asks;
  readonly #events = new Listeners<ClientEvents>();
  readonly #waiting = new Set<Deferred<void>>(); // For a first server.
  #connecting: Promise<void>[] | undefined; // Those of a new list.
  #unfollow: () => void = () => {};
  #faults = 0;

  constructor(contract: Contract, options: ConnectOptions) {
    const { clock = systemClock, maxMessageBytes = 1 << 20, notifications = true } = options;
    this.#options = options;
    this.#clock = clock;
    this.#rules = new ClientRules<Caller>(clientRuleOptions(contract, options));
    this.close = once(() => this.#end());
    this.#sockets = new Sockets({
      notifications,
      onLeft: (port) => this.#driven.perform((now) => this.#rules.left(port, '', now)),
      onFault: (fault) => this.#fault(fault),
    });
    this.#driven = drive<string, Frames, ClientTold<Caller>>(this.#rules, {
      ports: {},
      open: (port, to) => {
        const { opened, connected } = this.#sockets.open(port, to);
        if (this.#connecting !== undefined) this.#connecting.push(connected);
        else connected.catch((error: unknown) => this.#fault(error));
        return opened;
      },
      tell: (told) => this.#hear(told),
      onError: surface,
      clock,
    });
    this.#parts = {
      rules: this.#rules,
      perform: (decide) => this.#driven.perform(decide),
      clock,
      bodies: bodiesBy<unknown, unknown>('cbor', maxMessageBytes),
      options,
      onFault: (fault) => this.#fault(fault),
    };
    this.#asks = new Asks(contract, this.#parts);
    this.methods = this.#asks.methods;
  }

  /** Connects. Rejects for an endpoint that is none, and if all servers are of another contract. */
  async begin(): Promise<void> {
    const { to, connectMs = 1000 } = this.#options;
    if (isLater(to))
      this.#unfollow = follow(
        to,
        (list) => this.#connectTo(list),
        (error) => this.#fault(error),
      );
    else await this.#connectTo(typeof to === 'string' ? [to] : to);
    if (connectMs > 0) await this.ready({ timeoutMs: connectMs }).catch(unlessTimeout);
  }

  async ready(options: WaitOptions = {}): Promise<void> {
    const { links } = this.#rules;
    if (this.#asks.isClosed) throw closedError('ready', 'no');
    if (links.ready > 0) return;
    if (links.mismatch !== undefined) throw mismatched(links.mismatch);
    const first = deferred<void>();
    this.#waiting.add(first);
    try {
      await waitFor('server', first.promise, options, this.#clock);
    } finally {
      this.#waiting.delete(first);
    }
  }

  async ask<Name extends keyof Answers>(
    question: Name,
    { timeoutMs = ASK_MS, signal }: WaitOptions = {},
  ): Promise<readonly FromServer<Answers[Name]>[]> {
    if (this.#asks.isClosed) throw closedError('ask', 'no');
    const met = this.#rules.links.all().filter(({ isMet }) => isMet);
    const answers = met.map((link) => inquire(link, question, timeoutMs, this.#parts));
    const all = await waitFor('answer', Promise.all(answers), { signal }, this.#clock);
    return all.flat() as readonly FromServer<Answers[Name]>[];
  }

  servers(): readonly ServerState[] {
    const links = this.#rules.links.all().filter(({ isDropped }) => !isDropped);
    return links.map(({ endpoint, stage, inFlight, asked }) => {
      return { server: endpoint, state: stage, inFlight, asked };
    });
  }

  stats(): ClientStats {
    const own = { refused: this.#asks.refused, faults: this.#faults };
    return clientStats(this.#rules, own, this.#asks.numbers);
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): void {
    this.#events.on(name, listener);
  }

  off<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): void {
    this.#events.off(name, listener);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Asks these servers from now on. Rejects if one of them is no endpoint. */
  async #connectTo(list: readonly string[]): Promise<void> {
    checkArgument('connectTo', 'a list of servers', list, isList);
    const connecting: Promise<void>[] = [];
    this.#connecting = connecting;
    this.#driven.perform((now) => this.#rules.update(list, now));
    this.#connecting = undefined;
    await Promise.all(connecting);
  }

  #hear(told: ClientTold<Caller>): void {
    if (told.kind === 'over') this.#settle(told.calls);
    else if (told.kind === 'item') told.call.key.take(told.item);
    else if (told.kind === 'fault')
      hear(this.#options.onFault, new BrokerlessError('BAD_MESSAGE', told.reason));
    else if (told.kind === 'up') {
      this.#events.emit('server:up', { server: told.endpoint });
      for (const first of this.#waiting) first.resolve();
    } else if (told.kind === 'down') {
      this.#events.emit('server:down', { server: told.endpoint, reason: told.reason });
    } else {
      this.#events.emit('server:mismatch', { server: told.endpoint, reason: told.reason });
      const { mismatch } = this.#rules.links;
      if (mismatch === undefined) return;
      for (const first of this.#waiting) first.reject(mismatched(mismatch));
    }
  }

  #settle(calls: readonly ClientCall<Caller>[]): void {
    const now = this.#clock.now();
    for (const call of calls) {
      const { key, result, failure, trouble, asked } = call;
      if (failure === undefined && trouble === undefined) {
        key.method.numbers.succeed(now - asked.askedAt);
        key.end(result);
      } else {
        key.method.numbers.failed += 1;
        key.fail(errorOf(call));
      }
    }
  }

  #fault(error: unknown): void {
    this.#faults += 1;
    hear(this.#options.onFault as ((error: unknown) => void) | undefined, error);
  }

  async #end(): Promise<void> {
    this.#asks.isClosed = true;
    this.#unfollow();
    this.#driven.perform((now) => {
      const acts: ClientAct<Caller>[] = [];
      for (const call of this.#rules.calls.all()) {
        acts.push(...this.#rules.forget(call, now));
        call.key.method.numbers.failed += 1;
        call.key.fail(closedError(call.key.method.name, call.mayHaveRun));
      }
      this.#rules.inquiries.clear(now);
      return [...acts, ...this.#rules.leave(now)];
    });
    for (const first of this.#waiting) first.reject(closedError('ready', 'no'));
    this.#driven.stop();
    await this.#sockets.close((port) => {
      const link = this.#rules.links.get(port);
      return link !== undefined && link.isMet && !link.isQuiet;
    });
  }
}

function mismatched(reason: string): BrokerlessError {
  return new BrokerlessError('CONTRACT_MISMATCH', reason);
}

function unlessTimeout(error: unknown): void {
  if (!isBrokerlessError(error, 'TIMEOUT')) throw error;
}
