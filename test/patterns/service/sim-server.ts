/**
 * A simulated server: carries out errands, throws, hangs, comes too late, and leaves to be replaced by another.
 */
import type { PeerMessage } from 'brokerless/kit';
import { entry } from '../../../patterns/service/messages.ts';
import type { Served } from '../../../patterns/service/served-rules.ts';
import type { ServerAct, ServerTold } from '../../../patterns/service/server-acts-rules.ts';
import type { ServerRules, ServerRulesOptions } from '../../../patterns/service/server-rules.ts';
import type { SimDriven, SimNode, SimPort, World } from '../../../src/testing/index.ts';
import { itemOf } from './entries.ts';
import type { Knobs } from './sim-knobs.ts';
import { type Errand, type Ledger, Life, type Run } from './sim-ledger.ts';

/** What a server is made of. */
export interface ServerMakings {
  readonly world: World;
  readonly ledger: Ledger;
  readonly knobs: Knobs;
  readonly make: (options: ServerRulesOptions) => ServerRules;
}

/** What both sides have in common. */
export const contract = {
  name: 'errands',
  version: '1',
  hash: 'h',
  signatures: ['call call', 'stream stream', 'event event'],
  kinds: ['call', 'stream', 'event'],
} as const;

const MAX_CLIENTS = 20;
const DRAIN_MS = 3000;
const FLUSH_MS = 1000; // What was said last may have so long to leave, or no time at all.

/** A handler at work. */
interface Work {
  readonly served: Served;
  readonly run: Run;
  /** Of a stream: how many values it has given. */
  given: number;
  isPumping: boolean;
}

/** A process with a server in it. When it has ended another takes its place, on the same node. */
export class SimServer {
  rules: ServerRules;
  readonly #node: SimNode;
  readonly #makings: ServerMakings;
  #driven: SimDriven<'clients', PeerMessage, ServerTold>;
  #port: SimPort;
  #life = new Life();
  #works = new Set<Work>();
  #isRunning = false;
  #isLeaving = false;

  constructor(node: SimNode, makings: ServerMakings) {
    this.#node = node;
    this.#makings = makings;
    this.#port = node.bind('router', node.name);
    this.rules = this.#newRules();
    this.#driven = this.#drive();
    const leaveMs = node.random() * 90_000;
    if (node.now + leaveMs < 60_000) node.after(leaveMs, () => this.leave());
  }

  /** Has clients ask others, and goes when all is done. */
  leave(): void {
    if (this.#isLeaving) return;
    const { world } = this.#makings;
    world.mark('drain');
    this.#isLeaving = true;
    const { rules } = this;
    this.#perform((now) => rules.drain(now));
    this.#node.after(DRAIN_MS, () => {
      if (rules !== this.rules || !this.#isLeaving) return;
      world.mark('left undone');
      this.#end();
    });
  }

  /** Nothing is at work that was asked long ago. */
  checkCalm(): void {
    for (const { run, served } of this.#works) {
      const { label, kind } = run.errand;
      const whom = served.isWanted ? 'somebody' : 'nobody';
      this.#makings.world.fail(`B1: ${label} (${kind}) is still at work, for ${whom}`);
    }
  }

  #newRules(): ServerRules {
    const { make, knobs } = this.#makings;
    const { name, version, hash, signatures, kinds } = contract;
    const places = new Map(signatures.map((each, place) => [each as string, place]));
    const offer = { name, version, hash, places };
    return make({ ...knobs, offer, kinds, maxQueueBytes: 1 << 20, maxClients: MAX_CLIENTS });
  }

  #drive(): SimDriven<'clients', PeerMessage, ServerTold> {
    const ports = { clients: this.#port };
    return this.#node.drive(this.rules, { ports, tell: (told) => this.#hear(told) });
  }

  #perform(decide: (now: number) => readonly ServerAct[]): void {
    this.#driven.perform(decide);
  }

  #hear(told: ServerTold): void {
    const { world, ledger } = this.#makings;
    if (told.kind !== 'work') world.mark(`server:${told.kind}`);
    if (told.kind === 'work') this.#begin();
    else if (told.kind === 'unwanted') this.#unwanted(told.served, told.why, told.isAtWork);
    else if (told.kind === 'forsaken') this.#unwanted(told.served, told.why, true);
    else if (told.kind === 'credit') this.#resume(told.served);
    else if (told.kind === 'drained') this.#drained();
    else if (told.kind === 'question') {
      const { session, number } = told;
      this.#perform((now) => this.rules.inform(session, number, itemOf('told'), now));
    } else if (told.kind === 'lost') world.mark(`client lost:${told.reason}`);
    else if (told.kind === 'refused') {
      const { isCalm, label } = ledger.errand(told.served.came.input);
      if (isCalm) world.fail(`L1: ${label} is refused`);
    }
    this.#look();
  }

  /** Begins what can be begun, and now and then pauses in between. */
  #begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let isPausing = false;
    const { rules } = this;
    this.#perform((now) => {
      const acts: ServerAct[] = [];
      for (let served = rules.take(now, acts); served !== undefined; ) {
        this.#handle(served, now);
        isPausing = this.#node.random() < 0.05;
        if (isPausing) return acts;
        served = rules.take(now, acts);
      }
      return acts;
    });
    this.#isRunning = false;
    if (isPausing) this.#node.after(1, () => this.#begin());
  }

  #handle(served: Served, now: number): void {
    const { ledger, world } = this.#makings;
    const errand = ledger.errand(served.came.input);
    if (now >= served.came.deadline) world.fail(`S1: ${errand.label} begins too late`);
    if (errand.kind === 'bad') {
      this.#perform((at) => this.rules.giveUp(served, 'no sense', at));
      return;
    }
    const run = ledger.begin(errand, this.#life, now);
    const work: Work = { served, run, given: 0, isPumping: false };
    served.work = work;
    this.#works.add(work);
    if (errand.kind === 'quick' && errand.method !== 'stream') return this.#finish(work);
    this.rules.lasts(served);
    if (errand.method === 'stream') this.#resume(served);
    else if (errand.kind === 'late') this.#after(errand.timeoutMs + 500, work);
    else if (errand.kind !== 'hangs') this.#after(this.#workMs(), work);
    else world.mark('hangs');
  }

  /** While there are faults there may be more work than can be done. */
  #workMs(): number {
    const { knobs, world } = this.#makings;
    return this.#node.random() * (world.isHealed ? Math.min(50, knobs.workMs) : knobs.workMs);
  }

  #after(ms: number, work: Work, action: () => void = () => this.#finish(work)): void {
    this.#node.after(ms, () => {
      if (this.#works.has(work)) action();
    });
  }

  /** A handler comes to its end. */
  #finish(work: Work): void {
    const { ledger } = this.#makings;
    const { served, run } = work;
    const { errand } = run;
    this.#works.delete(work);
    this.#perform((now) => {
      const body = ledger.keep(run, now);
      if (errand.kind === 'throws') {
        return this.rules.answer(served, { kind: entry.failed, body }, now);
      }
      if (errand.method === 'event') return this.rules.end(served, now);
      return this.rules.answer(served, { kind: entry.result, body }, now);
    });
    if (this.rules.jobs.isReady) this.#begin();
  }

  /** A handler stops as it was told, or its stream has come to its end. */
  #stop(work: Work, how: 'stopped' | 'ended'): void {
    const { served, run } = work;
    this.#works.delete(work);
    this.#makings.ledger.leave(run);
    this.#perform((now) =>
      how === 'ended' ? this.rules.end(served, now) : this.rules.giveUp(served, 'stopped', now),
    );
    if (this.rules.jobs.isReady) this.#begin();
  }

  #unwanted(served: Served, why: string, isAtWork: boolean): void {
    const { world, ledger } = this.#makings;
    const { label, stops, kind, method } = ledger.errand(served.came.input);
    stops.add(why);
    if (served.isWanted) world.fail(`S1: ${label} is stopped while somebody waits`);
    world.mark(`${isAtWork ? 'stop' : 'unwanted'}:${why}`);
    const work = served.work as Work | undefined;
    if (!isAtWork || work === undefined) return;
    if (method === 'stream') return this.#after(5, work, () => this.#stop(work, 'ended'));
    // Some handlers do not look at their signal.
    if (kind === 'late' || (kind !== 'hangs' && this.#node.random() < 0.5)) return;
    this.#after(5, work, () => this.#stop(work, 'stopped'));
  }

  /** A stream gives what there is room for. */
  #resume(served: Served): void {
    const work = served.work as Work | undefined;
    if (work === undefined || work.isPumping || !this.#works.has(work)) return;
    work.isPumping = true;
    this.#after(this.#node.random() * 20, work, () => this.#pump(work));
  }

  #pump(work: Work): void {
    const { served, run } = work;
    const { errand } = run;
    work.isPumping = false;
    if (!served.isWanted) return this.#stop(work, 'ended');
    if (work.given === this.#lastOf(errand)) return this.#close(work);
    if (served.credit === 0 || !served.hasRoom) return;
    const item = itemOf(`${errand.label}/${work.given}`);
    work.given += 1;
    this.#perform((now) => this.rules.item(served, item, now));
    this.#resume(served);
  }

  #lastOf({ kind, count }: Errand): number {
    return kind === 'throws' ? Math.floor(count / 2) : count;
  }

  #close(work: Work): void {
    const { kind } = work.run.errand;
    if (kind === 'throws') this.#finish(work);
    else if (kind !== 'hangs' && kind !== 'late') this.#stop(work, 'ended');
  }

  #drained(): void {
    if (this.#works.size > 0) this.#makings.world.fail(`${this.#node.name} leaves with work`);
    this.#makings.world.mark('drained');
    this.#end();
  }

  /** The process has ended; a new one takes its place. */
  #end(): void {
    this.#isLeaving = false;
    this.#perform(() => this.rules.abandon());
    this.#driven.stop();
    this.#works = new Set();
    const port = this.#port;
    this.#node.after(this.#node.random() < 0.5 ? FLUSH_MS : 0, () => {
      port.close();
      this.#node.after(50 + this.#node.random() * 500, () => {
        this.#port = this.#node.bind('router', this.#node.name);
        this.rules = this.#newRules();
        this.#life = new Life();
        this.#driven = this.#drive();
      });
    });
  }

  /** What must hold after each turn. */
  #look(): void {
    const { world, knobs } = this.#makings;
    const { jobs, clients } = this.rules;
    const { concurrency, maxQueued, maxReplies } = knobs;
    if (jobs.running > concurrency) world.fail(`B1: ${jobs.running} at a time`);
    if (jobs.depth > maxQueued + concurrency) world.fail(`B1: ${jobs.depth} in line`);
    if (jobs.replies.size > maxReplies) world.fail(`B1: ${jobs.replies.size} answers are kept`);
    if (clients.sessions.size > MAX_CLIENTS) world.fail(`B1: ${clients.sessions.size} clients`);
  }
}
