/**
 * A simulated worker: does errands, throws, discards, hangs, leaves, and dies of some.
 */
import { encodeFailure } from 'brokerless/kit';
import type { Answer, Job, WorkerTold } from '../../../patterns/work-queue/job-rules.ts';
import { idOf } from '../../../patterns/work-queue/messages.ts';
import type { WorkerRules, WorkerRulesOptions } from '../../../patterns/work-queue/worker-rules.ts';
import type { SimDriven, SimNode, SimPort, World } from '../../../src/testing/index.ts';
import type { Knobs } from './sim-knobs.ts';
import type { Errand, Ledger } from './sim-ledger.ts';

const THREW = encodeFailure({ code: 'HANDLER_FAILED', message: 'it threw' });
// With a handler that does not even stop when it is told to.
const PATIENCE_MS = 8000;
const CALM_PATIENCE_MS = 500;

/** What a worker is made of. */
export interface WorkerMakings {
  readonly world: World;
  readonly ledger: Ledger;
  readonly knobs: Knobs;
  readonly isHostile: boolean;
  readonly make: (options: WorkerRulesOptions) => WorkerRules;
}

/** A process with a worker in it. When it has ended another takes its place, on the same node. */
export class SimWorker {
  rules: WorkerRules;
  readonly #node: SimNode;
  readonly #makings: WorkerMakings;
  #driven: SimDriven<'queue', readonly Uint8Array[], WorkerTold>;
  #port: SimPort;
  #running = new Set<Job>(); // Those that somebody still waits for.
  readonly #all = new Set<Job>();

  constructor(node: SimNode, makings: WorkerMakings) {
    this.#node = node;
    this.#makings = makings;
    this.#port = node.connect('dealer', 'workers');
    this.rules = this.#newRules();
    this.#driven = this.#drive();
    const leaveMs = node.random() * 120_000;
    if (node.now + leaveMs < 60_000) node.after(leaveMs, () => this.#leave());
  }

  #newRules(): WorkerRules {
    const { knobs, make } = this.#makings;
    return make({
      concurrency: knobs.concurrency,
      credit: knobs.credit,
      missesAllowed: knobs.missesAllowed,
      reconnect: { baseMs: 200, maxMs: 2000 },
      random: () => this.#node.random(),
    });
  }

  #drive(): SimDriven<'queue', readonly Uint8Array[], WorkerTold> {
    const { rules } = this;
    return this.#node.drive(rules, {
      ports: { queue: this.#port },
      open: () => {
        this.#port = this.#node.connect('dealer', 'workers');
        return this.#port;
      },
      tell: (told) => {
        if (told.kind === 'begin') this.#begin(told.job);
        else if (told.kind === 'stop') this.#stop(told.jobs);
        else if (told.kind === 'over') this.#end('left');
        else this.#makings.world.fail(`${this.#node.name} is told of another version`);
      },
    });
  }

  #leave(): void {
    this.#makings.world.mark('leave');
    this.#driven.perform((now) => this.rules.leave(now));
  }

  /** The process has ended; a new one takes its place. */
  #end(how: 'left' | 'died'): void {
    const { world, ledger } = this.#makings;
    world.mark(`worker ${how}`);
    if (how === 'left' && this.rules.inFlight > 0) world.fail(`${this.#node.name} left with work`);
    for (const job of this.#all) ledger.leave(job);
    this.#all.clear();
    this.#running = new Set();
    this.#driven.stop();
    this.#port.close();
    this.#node.after(200 + this.#node.random() * 800, () => {
      this.#port = this.#node.connect('dealer', 'workers');
      this.rules = this.#newRules();
      this.#driven = this.#drive();
    });
  }

  #begin(job: Job): void {
    const { world, ledger, knobs, isHostile } = this.#makings;
    const { name } = this.#node;
    const errand = ledger.errand(job.body);
    ledger.begin(job, idOf(job.epoch, job.n), job.attempt, errand);
    this.#running.add(job);
    this.#all.add(job);
    if (isHostile) return this.#work(job, errand);
    if (this.#running.size > knobs.concurrency) world.fail(`B1: ${name} does too much at once`);
    if (knobs.credit !== undefined && this.rules.inFlight > knobs.credit) {
      world.fail(`${name} has ${this.rules.inFlight} items, and credit for ${knobs.credit}`);
    }
    this.#work(job, errand);
  }

  #work(job: Job, { kind, throws }: Errand): void {
    const ms = this.#workMs();
    const patienceMs = this.#makings.world.isHealed ? CALM_PATIENCE_MS : PATIENCE_MS;
    if (kind === 'hangs') this.#after(patienceMs, job, () => this.#end('died'));
    else if (kind === 'poison') this.#after(ms, job, () => this.#end('died'));
    else if (kind === 'discards') this.#after(ms, job, () => this.#answer(job, 'discard', THREW));
    else if (kind === 'throws' && job.attempt <= throws) {
      this.#after(ms, job, () => this.#answer(job, 'failed', THREW));
    } else this.#after(ms, job, () => this.#answer(job, 'done', job.body));
  }

  /** While there are faults there may be more work than can be done, and now and then far more. */
  #workMs(): number {
    const { knobs, world } = this.#makings;
    const random = (): number => this.#node.random();
    if (world.isHealed) return random() * Math.min(knobs.workMs, 100);
    return random() * knobs.workMs * (random() < 0.02 ? 10 : 1);
  }

  #after(ms: number, job: Job, action: () => void): void {
    const { rules } = this;
    this.#node.after(ms, () => {
      if (rules === this.rules && this.#all.has(job)) action();
    });
  }

  #answer(job: Job, said: Answer, body: Uint8Array): void {
    const { ledger, world } = this.#makings;
    if (!this.#running.delete(job)) world.mark('work in vain');
    this.#all.delete(job);
    ledger.leave(job);
    this.#driven.perform((now) => this.rules.answer(job, said, body, now));
  }

  /** Half of the handlers look at their signal. */
  #stop(jobs: readonly Job[]): void {
    const { world, ledger } = this.#makings;
    for (const job of jobs) {
      world.mark('stopped');
      // The queue has forgotten those that it was lost with; what it cancelled it still waits for.
      if (this.rules.inFlight === 0) this.#running.delete(job);
      const { kind } = ledger.errand(job.body);
      if (kind === 'poison' || this.#node.random() < 0.5) continue;
      this.#after(5, job, () => this.#answer(job, 'failed', THREW));
    }
  }
}
