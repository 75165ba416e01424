/**
 * A simulated client: asks for errands, reads streams, gives some up, and has other servers now and then.
 */
import type { Frames } from 'brokerless/kit';
import { ClientCall } from '../../../patterns/service/call-rules.ts';
import type { ClientAct, ClientTold } from '../../../patterns/service/client-acts-rules.ts';
import type { ClientRules, ClientRulesOptions } from '../../../patterns/service/client-rules.ts';
import type { SimDriven, SimNode, World } from '../../../src/testing/index.ts';
import { itemOf, valueOf } from './entries.ts';
import { drawErrand, pickFrom } from './sim-errands.ts';
import { CALM_AT, type Knobs } from './sim-knobs.ts';
import type { Errand, Ledger } from './sim-ledger.ts';
import { contract } from './sim-server.ts';

const ERRANDS = 12; // Of each client, and more: now and then there are several at once.
const EVERY_MS = 4800;
const CALM_UNTIL = 83_000;
const SLACK_MS = 10; // Timers are late by some milliseconds, and calls are looked through every five.

/** What a client is made of. */
export interface ClientMakings {
  readonly world: World;
  readonly ledger: Ledger;
  readonly knobs: Knobs;
  readonly servers: readonly string[];
  readonly isHostile: boolean;
  readonly make: (options: ClientRulesOptions) => ClientRules<Asking>;
}

/** Somebody who waits for the end of an errand. */
export interface Asking {
  readonly errand: Errand;
  /** Of a stream: how many values have come, and how many of them were read. */
  came: number;
  read: number;
  /** How many were read that no room was made for. */
  taken: number;
  onEnd: () => void;
}

/** One life of a client. */
export class SimClient {
  readonly rules: ClientRules<Asking>;
  readonly #node: SimNode;
  readonly #makings: ClientMakings;
  readonly #driven: SimDriven<string, Frames, ClientTold<Asking>>;
  readonly #open = new Map<string, ClientCall<Asking>>();
  #asked = 0;
  #inquiries = 0;

  constructor(node: SimNode, makings: ClientMakings) {
    const { knobs, servers, world } = makings;
    this.#node = node;
    this.#makings = makings;
    this.rules = makings.make({
      ...knobs,
      greeting: contract,
      names: contract.kinds,
      backoff: { baseMs: 20, maxMs: 500 },
      reconnect: { baseMs: 100, maxMs: 1000 },
      random: () => node.random(),
    });
    this.#driven = node.drive<string, Frames, ClientTold<Asking>>(this.rules, {
      ports: {},
      open: (_port, to) => (to === undefined ? undefined : node.connect('dealer', to)),
      tell: (told) => this.#hear(told),
    });
    this.#update(servers);
    for (let n = 0; n < ERRANDS; n += 1)
      this.#at((n + node.random()) * EVERY_MS, () => this.#some());
    for (let n = 0; n < 2; n += 1) this.#at(node.random() * 50_000, () => this.#change());
    this.#at(node.random() * 60_000, () => this.#inquire());
    this.#at(CALM_AT, () => {
      world.mark('calm');
      this.#inCalm();
    });
  }

  /** All is settled, and nothing is left. */
  check(): void {
    const { world, servers, isHostile } = this.#makings;
    const { calls, links, inquiries, faults } = this.rules;
    const { name } = this.#node;
    if (this.#open.size > 0) world.fail(`S1: ${[...this.#open.keys()].join()} never ended`);
    if (calls.size + calls.bytes + calls.waiting > 0) world.fail(`B1: ${name} has calls left`);
    if (this.#inquiries > 0) world.fail(`B1: ${name} has questions left`);
    const timers = Math.min(calls.deadline, inquiries.deadline);
    if (timers !== Infinity) world.fail(`B4: ${name} has a timer left`);
    if (links.ready !== servers.length || links.all().length !== servers.length) {
      world.fail(`L1: ${name} has ${links.ready} servers`);
    }
    if (links.all().some(({ inFlight }) => inFlight > 0)) world.fail(`B1: ${name} counts wrong`);
    if (faults > 0 && !isHostile) world.fail(`${name} hears ${faults} times what makes no sense`);
    if (calls.late > 0) world.mark('late');
    if (calls.retried > 0) world.mark('retried');
  }

  #at(time: number, action: () => void): void {
    if (time >= this.#node.now) this.#node.after(time - this.#node.now, action);
  }

  #perform(decide: (now: number) => readonly ClientAct<Asking>[]): void {
    this.#driven.perform(decide);
  }

  #update(servers: readonly string[]): void {
    this.#perform((now) => this.rules.update(servers, now));
  }

  /** For a while one server, or all, are on the list no longer. */
  #change(): void {
    const { servers } = this.#makings;
    const random = (): number => this.#node.random();
    const without = Math.floor(random() * servers.length);
    this.#update(random() < 0.2 ? [] : servers.filter((_, n) => n !== without));
    this.#node.after(random() * 5000, () => this.#update(servers));
  }

  #inquire(): void {
    const { links } = this.rules;
    const link = links.all().find(({ isMet }) => isMet);
    if (link === undefined) return;
    this.#inquiries += 1;
    const question = this.#node.random() < 0.5 ? 'ping' : 'stats';
    this.#perform((now) => {
      const settle = (answer: Uint8Array | undefined): void => {
        this.#inquiries -= 1;
        this.#makings.world.mark(answer === undefined ? 'unanswered' : 'informed');
      };
      return this.rules.inquire({ link, question, wakeAt: now + 1000, settle }, now);
    });
  }

  /** Asks for an errand, or for many at once. */
  #some(): void {
    const count = this.#node.random() < 0.25 ? 6 : 1;
    for (let n = 0; n < count; n += 1) {
      const call = this.#ask(drawErrand(this.#nextLabel(), this.#node, this.#makings.knobs));
      const { timeoutMs } = call.key.errand;
      if (this.#node.random() < 0.15) {
        this.#node.after(this.#node.random() * timeoutMs, () => this.#forget(call));
      }
    }
  }

  #nextLabel(): string {
    this.#asked += 1;
    return `${this.#node.name}.${this.#node.incarnation}/${this.#asked}`;
  }

  /** When all is well one errand follows the other, and a few are given up. */
  #inCalm(): void {
    const { world } = this.#makings;
    if (this.#node.now > CALM_UNTIL) return;
    const next = (): void => {
      this.#node.after(500 + this.#node.random() * 1000, () => this.#inCalm());
    };
    const drawn = drawErrand(this.#nextLabel(), this.#node, { ...this.#makings.knobs, trouble: 0 });
    const isProbe =
      drawn.method !== 'event' && drawn.key === undefined && this.#node.random() < 0.2;
    const errand: Errand = {
      ...drawn,
      key: drawn.key && `calm ${drawn.key}`,
      kind: isProbe ? 'hangs' : pickFrom(this.#node, ['quick', 'plain']),
      timeoutMs: 4000,
      isCalm: true,
    };
    const call = this.#ask(errand, isProbe ? undefined : next);
    if (!isProbe) return;
    this.#node.after(300, () => this.#forget(call));
    this.#node.after(1000, () => {
      const isTold = errand.stops.has('cancelled') || errand.begun === 0;
      if (!isTold) world.fail(`${errand.label} is not cancelled`);
      next();
    });
  }

  #ask(errand: Errand, onEnd: () => void = () => {}): ClientCall<Asking> {
    const { ledger, knobs } = this.#makings;
    ledger.errands.set(errand.label, errand);
    errand.askedAt = this.#node.now;
    const { method, key, retries } = errand;
    const call = new ClientCall<Asking>(
      { errand, came: 0, read: 0, taken: 0, onEnd },
      {
        kind: method,
        askedAt: errand.askedAt,
        method: contract.kinds.indexOf(method),
        input: itemOf(errand.label),
        meta: key === undefined ? undefined : itemOf({ key }),
        deadline: errand.askedAt + errand.timeoutMs,
        retries,
        credit: knobs.credit,
      },
    );
    this.#open.set(errand.label, call);
    this.#perform((now) => this.rules.ask(call, now));
    return call;
  }

  /** Nobody waits for it any more. */
  #forget(call: ClientCall<Asking>): void {
    const { errand } = call.key;
    if (!this.#open.delete(errand.label)) return;
    this.#makings.world.mark(`given up: ${call.stage}`);
    errand.end = 'given up';
    this.#perform((now) => this.rules.forget(call, now));
    if (call.mayHaveRun === 'no') this.#makings.ledger.notRun(errand);
  }

  #hear(told: ClientTold<Asking>): void {
    const { world, isHostile } = this.#makings;
    if (told.kind === 'over') for (const call of told.calls) this.#end(call);
    else if (told.kind === 'item') this.#take(told.call, String(valueOf(told.item)));
    else if (told.kind === 'down') this.#lost(told.reason);
    else if (told.kind === 'up') world.mark('up');
    else if (!isHostile) world.fail(`${this.#node.name} is told of a ${told.kind}`);
  }

  /** Nobody waits for a server that is not there. */
  #lost(reason: string): void {
    const { world } = this.#makings;
    world.mark(`down:${reason}`);
    for (const { key, isAway, link } of this.#open.values()) {
      if (isAway && link?.isMet !== true)
        world.fail(`L2: ${key.errand.label} waits for a lost server`);
    }
  }

  /** Once, and in time. */
  #end(call: ClientCall<Asking>): void {
    const { world, ledger, knobs } = this.#makings;
    const { errand, onEnd } = call.key;
    const { label, retries, askedAt, timeoutMs } = errand;
    const tookMs = this.#node.now - askedAt;
    if (!this.#open.delete(label)) world.fail(`S1: ${label} has ended twice`);
    if (!knobs.mayFreeze && tookMs > timeoutMs + SLACK_MS) {
      world.fail(`S1: ${label} took ${tookMs} ms, and had ${timeoutMs}`);
    }
    if (call.attempts > retries + 1) world.fail(`S3: ${label} had ${call.attempts} attempts`);
    ledger.judge(errand, call);
    this.#judge(call);
    if (call.trouble !== undefined && call.mayHaveRun === 'no') ledger.notRun(errand);
    if (errand.method === 'stream') this.#judgeStream(call);
    onEnd();
  }

  #judge({ key: { errand }, trouble, failure, attempts }: ClientCall<Asking>): void {
    const { world } = this.#makings;
    const how = trouble === undefined ? (failure === undefined ? 'done' : 'failed') : trouble.code;
    const { progress } = (trouble?.data ?? {}) as { readonly progress?: string };
    errand.end = how;
    world.mark(progress === undefined ? `end:${how}` : `end:${how} ${progress}`);
    if (attempts > 1 && how === 'done') world.mark('done again');
    if (how === 'BAD_VALUE' && errand.kind !== 'bad') world.fail(`S2: ${errand.label} is refused`);
    if (errand.isCalm && how !== 'done') world.fail(`L1: ${errand.label} has ended as ${how}`);
  }

  /** What has ended well has given all its values. */
  #judgeStream({ key: { errand, came }, trouble, failure }: ClientCall<Asking>): void {
    const { world } = this.#makings;
    if (trouble?.message.endsWith('was lost') === true) world.mark('incomplete');
    if (trouble !== undefined || failure !== undefined) return;
    if (came !== errand.count) world.fail(`S8: ${errand.label} has ended after ${came} values`);
    world.mark('stream');
  }

  /** A value of a stream has come. */
  #take(call: ClientCall<Asking>, value: string): void {
    const { world, knobs } = this.#makings;
    const asking = call.key;
    if (!this.#open.has(asking.errand.label)) world.fail(`S1: ${value} comes after the end`);
    if (value !== `${asking.errand.label}/${asking.came}`) {
      world.fail(`S8: ${value} comes after ${asking.came} values of ${asking.errand.label}`);
    }
    asking.came += 1;
    if (asking.came - asking.read > knobs.credit)
      world.fail(`B1: ${value} is more than there is room for`);
    this.#node.after(this.#node.random() * 30, () => this.#read(call));
  }

  /** Its reader has read one more, and makes room for half of what there may be at a time. */
  #read(call: ClientCall<Asking>): void {
    const asking = call.key;
    asking.read += 1;
    asking.taken += 1;
    if (2 * asking.taken < this.#makings.knobs.credit) return;
    const count = asking.taken;
    asking.taken = 0;
    this.#perform((now) => this.rules.more(call, count, now));
  }
}
