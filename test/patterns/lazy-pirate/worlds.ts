/**
 * Worlds for Lazy Pirates: clients and servers in a simulated network, and what must be true whatever goes
 * wrong in it.
 */
import { type Action, DELIMITER, decodeHeader, encodeFailure, type Frames } from 'brokerless/kit';
import type { Scenario, SimDriven, SimNode, World } from 'brokerless/testing';
import type { PirateTold } from '../../../patterns/lazy-pirate/reply-rules.ts';
import { type Patience, PirateRequest } from '../../../patterns/lazy-pirate/request-rules.ts';
import {
  LazyPirateRules,
  type LazyPirateRulesOptions,
} from '../../../patterns/lazy-pirate/rules.ts';

/** The rules as they are tried here; a mutant is a class of its own. */
export type Rules = LazyPirateRules<Waiting>;

/** Whoever asked. */
export interface Waiting {
  readonly name: string;
  readonly askedAt: number;
  readonly isAfterHealing: boolean;
}

type Act = Action<'server', Frames, PirateTold<Waiting>>;
type Told = PirateTold<Waiting>;

const SERVERS = ['server-0', 'server-1', 'server-2'];
const CALM_AFTER_MS = 70_000; // Ten seconds after the last fault every connection has been made again.
const ASK_UNTIL_MS = 80_000;

/** What a scenario is made with. */
export interface WorldOptions {
  /** Makes the rules of a client. Default: the pattern's own. */
  readonly newRules?: (options: LazyPirateRulesOptions) => Rules;
  /** Makes a request. Default: the pattern's own. */
  readonly newRequest?: (
    key: Waiting,
    body: Uint8Array,
    patience: Patience,
  ) => PirateRequest<Waiting>;
  /** Whether the network may double messages: nobody knows then how often a request is carried out. */
  readonly isHostile?: boolean;
}

/** What has happened in a world, beside what must not. */
class Ledger {
  readonly #world: World;
  readonly #isHostile: boolean;
  readonly #allowed = new Map<string, number>();
  readonly #runs = new Map<string, number>();
  readonly #notRun = new Set<string>();

  constructor(world: World, isHostile: boolean) {
    this.#world = world;
    this.#isHostile = isHostile;
  }

  /** A client asks, and allows so many attempts. */
  asked(name: string, attempts: number): void {
    this.#allowed.set(name, attempts);
  }

  /** A server carries out a request. */
  ran(name: string): void {
    this.#runs.set(name, (this.#runs.get(name) ?? 0) + 1);
    this.#check(name);
  }

  /** Its caller is told that it has not been carried out, and will not be. */
  hasNotRun(name: string): void {
    this.#notRun.add(name);
    this.#check(name);
  }

  #check(name: string): void {
    const [runs = 0, allowed = 0] = [this.#runs.get(name), this.#allowed.get(name)];
    if (this.#isHostile || runs === 0) return;
    if (runs > allowed) this.#world.fail(`${name} ran ${runs} times; it had ${allowed} attempts`);
    if (this.#notRun.has(name)) this.#world.fail(`${name} ran, and is said not to have`);
  }
}

/** Clients that ask, and servers that do not always do what they should. */
export function pirates(options: WorldOptions = {}): Scenario {
  return (world) => {
    const ledger = new Ledger(world, options.isHostile === true);
    for (const name of SERVERS) world.node(name, (node) => serve(world, ledger, node));
    const knobs = {
      freshAfter: world.integer(1, 3),
      connectMs: world.pick([100, 1000, 3000]),
      backoff: world.pick([
        { baseMs: 10, maxMs: 50 },
        { baseMs: 50, maxMs: 2000 },
      ]),
      telling: world.pick(['at once', 'slowly'] as const),
      mayFreeze: world.random() < 0.5,
    };
    const clients = ['client-0', 'client-1', 'client-2'].map((name) => {
      let client: Client | undefined;
      const start = (node: SimNode): void => {
        client = new Client(world, ledger, node, { ...options, ...knobs });
      };
      world.node(name, start, { mayFreeze: knobs.mayFreeze });
      return () => client?.check();
    });
    return () => {
      for (const check of clients) check();
    };
  };
}

/** A server: mostly it carries out what it is asked. */
function serve(world: World, ledger: Ledger, node: SimNode): void {
  const port = node.bind('router', node.name);
  const isMute = node.random() < 0.2; // Until all is well.
  port.read((message) => {
    const { peer, value } = message as { readonly peer: string; readonly value: Frames };
    const address = value.slice(0, 2);
    const name = textOf(value[2]);
    const reply = (...body: Frames): void => {
      port.send({ peer, value: [...address, ...body] });
    };
    if (decodeHeader(value[0] as Uint8Array) === undefined) world.fail('a request without header');
    const luck = world.isHealed ? 1 : node.random();
    if (luck < 0.04) reply(DELIMITER, failureOf('QUEUE_FULL'));
    else if (luck < 0.05) reply(DELIMITER, failureOf('EXPIRED'));
    else if (luck < 0.07) reply(Buffer.from('half of'), Buffer.from('a reply'));
    else if (luck < 0.08) port.send({ peer, value: [Buffer.from('junk')] });
    else {
      ledger.ran(name);
      if (luck < 0.1) reply(DELIMITER, failureOf('WORKER_LOST'));
      else if (luck < 0.12) reply(DELIMITER, failureOf('BOOM'));
      else if (luck < 0.16 || (isMute && !world.isHealed)) world.mark('unanswered');
      else {
        const times = luck < 0.2 ? 2 : 1;
        node.after(node.random() * (luck < 0.4 ? 2000 : 100), () => {
          for (let i = 0; i < times; i += 1) reply(Buffer.from(`done ${name}`));
        });
      }
    }
  });
}

interface ClientKnobs
  extends WorldOptions,
    Pick<LazyPirateRulesOptions, 'freshAfter' | 'connectMs' | 'backoff'> {
  readonly telling: 'at once' | 'slowly';
  readonly mayFreeze: boolean;
}

/** One life of a client. */
class Client {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #node: SimNode;
  readonly #knobs: ClientKnobs;
  readonly #rules: Rules;
  readonly #driven: SimDriven<'server', Frames, Told>;
  readonly #open = new Map<string, PirateRequest<Waiting>>();
  #asked = 0;
  #connection = 0;

  constructor(world: World, ledger: Ledger, node: SimNode, knobs: ClientKnobs) {
    this.#world = world;
    this.#ledger = ledger;
    this.#node = node;
    this.#knobs = knobs;
    const { freshAfter, connectMs, backoff } = knobs;
    const options: LazyPirateRulesOptions = {
      servers: SERVERS,
      salt: Buffer.from(`${node.name}/${node.incarnation}`.padEnd(16)),
      freshAfter,
      connectMs,
      backoff,
      startedAt: node.now,
      window: Number.POSITIVE_INFINITY,
      random: () => node.random(),
    };
    this.#rules = knobs.newRules?.(options) ?? new LazyPirateRules<Waiting>(options);
    this.#driven = node.drive<'server', Frames, Told>(this.#told(), {
      ports: { server: node.connect('dealer', this.#rules.servers.current) },
      open: (_name, to = '') => {
        world.mark('fresh socket');
        this.#connect();
        return node.connect('dealer', to);
      },
      tell: (told) => this.#hear(told),
    });
    this.#connect();
    this.#ask();
  }

  /** All is settled, and nothing is left. */
  check(): void {
    const { book, deadline } = this.#rules;
    if (this.#open.size > 0) this.#world.fail(`never settled: ${[...this.#open.keys()].join()}`);
    if (book.size + book.bytes + book.waiting > 0) this.#world.fail('the book is not empty');
    if (deadline !== undefined) this.#world.fail('a timer is left');
  }

  /** The rules, which also hear that a connection has ended, where that is told. */
  #told(): Rules {
    const left = (_port: 'server', _peer: string, now: number): readonly Act[] => {
      this.#world.mark('lost connection');
      this.#connect();
      return this.#rules.connected(false, now);
    };
    return Object.assign(this.#rules, { left });
  }

  /**
   * No socket tells here when it is connected, and what is sent before waits in it. So the rules are told so
   * at some time or other.
   */
  #connect(): void {
    this.#connection += 1;
    const connection = this.#connection;
    const ms = this.#knobs.telling === 'at once' ? 0 : this.#node.random() ** 3 * 4000;
    this.#node.after(this.#world.isHealed ? 0 : ms, () => {
      if (connection !== this.#connection) return;
      this.#driven.perform((now) => this.#rules.connected(true, now));
    });
  }

  #ask(): void {
    const { newRequest = (...given) => new PirateRequest<Waiting>(...given) } = this.#knobs;
    if (this.#node.now > ASK_UNTIL_MS) return;
    this.#asked += 1;
    const name = `${this.#node.name}/${this.#node.incarnation}/${this.#asked}`;
    const isAfterHealing = this.#node.now > CALM_AFTER_MS;
    const key = { name, askedAt: this.#node.now, isAfterHealing };
    const request = newRequest(key, Buffer.from(name), this.#patience());
    this.#ledger.asked(name, request.patience.attempts);
    this.#open.set(name, request);
    this.#driven.perform((now) => this.#rules.ask(request, now));
    if (this.#world.random() < 0.05)
      this.#node.after(this.#node.random() * 500, () => this.#abort(name));
    this.#node.after(this.#node.random() * 3000, () => this.#ask());
  }

  #patience(): Patience {
    return {
      timeoutMs: this.#world.pick([500, 1000, 2500]),
      attempts: this.#world.integer(1, 4),
      deadlineMs: this.#world.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3000]),
      priority: this.#world.integer(0, 255),
    };
  }

  #abort(name: string): void {
    const request = this.#open.get(name);
    if (request === undefined) return;
    this.#world.mark('aborted');
    this.#driven.perform(() => this.#rules.forget(request));
    this.#settle(request);
    if (request.mayHaveRun === 'no') this.#ledger.hasNotRun(name);
  }

  #hear(told: Told): void {
    if (told.kind === 'switch') this.#world.mark(`switch: ${told.reason}`);
    else if (told.kind === 'fault') this.#world.mark('fault');
    else if (told.kind === 'answer') {
      const { name } = told.request.key;
      this.#settle(told.request);
      if (textOf(told.body) !== `done ${name}`)
        this.#world.fail(`${name} got ${textOf(told.body)}`);
      this.#world.mark(told.request.sent > 1 ? 'answered again' : 'answered');
    } else {
      const { key, mayHaveRun } = told.request;
      this.#settle(told.request);
      this.#world.mark(`${told.failure.code} ${mayHaveRun}`);
      if (mayHaveRun === 'no') this.#ledger.hasNotRun(key.name);
      if (key.isAfterHealing) this.#world.fail(`${key.name}: ${told.failure.message}`);
    }
  }

  /** Once, and in time. */
  #settle(request: PirateRequest<Waiting>): void {
    const { name, askedAt } = request.key;
    const { timeoutMs, attempts, deadlineMs } = request.patience;
    if (!this.#open.delete(name)) this.#world.fail(`${name} was settled twice`);
    const longestMs = attempts * timeoutMs + (attempts - 1) * this.#knobs.backoff.maxMs;
    const tookMs = this.#node.now - askedAt;
    if (!this.#knobs.mayFreeze && tookMs > Math.min(longestMs, deadlineMs) + 10) {
      this.#world.fail(`${name} took ${tookMs} ms`);
    }
  }
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const failureOf = (code: string): Uint8Array =>
  encodeFailure({ code, message: code, from: 'broker' });
