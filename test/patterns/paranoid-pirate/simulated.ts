/**
 * A simulated Paranoid Pirate: clients that ask again, a queue that may crash, lanes of workers; and the
 * promises, watched while it goes on. The invariants are named as in the project's list of them: S for
 * safety, B for bounds, L for what must happen once the faults are over.
 *
 * The clients here are a few lines of their own, so that the queue is judged by somebody else.
 */
import type { LaneJob } from 'brokerless/kit';
import type {
  QueueRules,
  QueueRulesOptions,
} from '../../../patterns/paranoid-pirate/queue-rules.ts';
import type {
  LaneRules,
  PirateLaneOptions,
} from '../../../patterns/paranoid-pirate/worker-rules.ts';
import { type AssignName, assignBy } from '../../../src/broker/assign.ts';
import type { SimNode, World } from '../../../src/testing/index.ts';
import { SimClient } from './sim-client.ts';

/** What the world is made of: the rules, or mutants of them. */
export interface Makers {
  readonly queue: (options: QueueRulesOptions) => QueueRules;
  readonly lane: (options: PirateLaneOptions) => LaneRules;
}

/** What differs from one set of seeds to another. */
export interface Variant {
  /** Whether ZeroMQ keeps its promises; if not, work may be done twice and that is all. */
  readonly isHostile?: boolean;
}

const CLIENTS = 4;
const WORKERS = 3;
const REQUESTS = 13; // Of each client: 52 in all, if none crashes.
const MIN_ASKED = 40;
/** When the faults are over and everybody has found everybody: what is asked from then on is answered. */
const CALM_AT = 75_000;

/** The knobs of one seed: small numbers find more. */
interface Knobs {
  readonly heartbeatMs: number;
  readonly missesAllowed: number;
  readonly maxAttempts: number;
  readonly maxWaiting: number;
  readonly overflow: 'wait' | 'reject';
  readonly assign: AssignName;
  readonly workMs: number;
  readonly isHurried: boolean;
}

/** A scenario for `explore`: builds the world and returns the last checks. */
export function pirates(makers: Makers, variant: Variant = {}): (world: World) => () => void {
  return (world) => new Pirates(world, makers, variant).build();
}

class Pirates {
  readonly #world: World;
  readonly #makers: Makers;
  readonly #isHostile: boolean;
  readonly #knobs: Knobs;
  readonly #lanes = new Map<string, LaneRules>();
  readonly #open = new Set<string>(); // Requests that their clients still wait for.
  #queue: QueueRules | undefined;
  #asked = 0;

  constructor(world: World, makers: Makers, { isHostile = false }: Variant) {
    this.#world = world;
    this.#makers = makers;
    this.#isHostile = isHostile;
    this.#knobs = {
      heartbeatMs: world.pick([500, 1000]),
      missesAllowed: world.pick([2, 3, 4]),
      maxAttempts: world.pick([2, 3, 5]),
      maxWaiting: world.pick([2, 5, 100]),
      overflow: world.pick(['wait', 'reject'] as const),
      assign: world.pick(['longest-idle', 'round-robin', 'random', 'priority'] as const),
      workMs: world.pick([10, 300, 3000]),
      isHurried: world.pick([true, false]),
    };
  }

  build(): () => void {
    this.#world.node('queue', (node) => this.#startQueue(node));
    for (let n = 0; n < WORKERS; n += 1) {
      this.#world.node(`worker ${n}`, (node) => this.#startWorker(node));
    }
    for (let n = 0; n < CLIENTS; n += 1) {
      this.#world.node(`client ${n}`, (node) => this.#startClient(node), { mayCrash: n > 1 });
    }
    this.#world.every(250, () => this.#watch());
    return () => this.#judge();
  }

  #startQueue(node: SimNode): void {
    const { assign, ...knobs } = this.#knobs;
    const rules = this.#makers.queue({
      ...knobs,
      assign: assignBy(assign),
      maxWorkers: 50,
      maxWaitingBytes: 1 << 20,
      requestMs: 10_000,
      epoch: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, node.incarnation),
      random: () => node.random(),
    });
    this.#queue = rules;
    node.drive(rules, {
      ports: { clients: node.bind('router', 'clients'), workers: node.bind('router', 'workers') },
      tell: (told) => {
        if (told.kind === 'lost') this.#world.mark(`lost:${told.reason}`);
      },
    });
  }

  #startWorker(node: SimNode): void {
    const { heartbeatMs, missesAllowed } = this.#knobs;
    const rules = this.#makers.lane({
      heartbeatMs,
      missesAllowed,
      heartbeatWhileBusy: true,
      reconnect: { baseMs: 200, maxMs: 2000 },
      random: () => node.random(),
    });
    this.#lanes.set(node.name, rules);
    let inHand: LaneJob | undefined;
    const done = new Set<string>();
    const driven = node.drive(rules, {
      ports: { broker: node.connect('dealer', 'workers') },
      tell: (told) => {
        if (told.kind === 'lost') inHand = undefined;
        if (told.kind !== 'job') return;
        const { job } = told;
        if (inHand !== undefined)
          this.#world.fail(`S3: ${node.name} is given two requests at once`);
        const attempt = Buffer.from(job.envelope[0] ?? []).toString('hex');
        if (done.has(attempt) && !this.#isHostile) this.#world.fail('S3: an attempt came twice');
        done.add(attempt);
        inHand = job;
        node.after(this.#workMs(node), () => {
          if (inHand !== job) this.#world.mark('work in vain');
          else inHand = undefined;
          driven.perform((now) => rules.answer(job, job.body, now));
        });
      },
    });
  }

  /** While there are faults there may be more work than can be done, and now and then far more. */
  #workMs(node: SimNode): number {
    const { workMs } = this.#knobs;
    if (this.#world.isHealed) return node.random() * Math.min(workMs, 300);
    return node.random() * workMs * (node.random() < 0.02 ? 10 : 1);
  }

  #startClient(node: SimNode): void {
    // What it had asked in an earlier life nobody waits for any more.
    for (const id of this.#open) if (id.startsWith(`${node.name}/`)) this.#open.delete(id);
    const client = new SimClient(node, this.#world, {
      isHostile: this.#isHostile,
      isHurried: this.#knobs.isHurried,
      settled: (id, isAnswer, askedAt) => {
        this.#open.delete(id);
        if (!isAnswer && askedAt >= CALM_AT && !this.#isHostile)
          this.#world.fail(`L1: ${id} failed when all was well`);
      },
    });
    for (let n = 0; n < REQUESTS; n += 1) {
      const at = n < REQUESTS - 3 ? n * 6000 + node.random() * 5000 : CALM_AT + n * 100;
      if (at < node.now) continue;
      node.after(at - node.now, () => {
        const id = `${node.name}/${node.incarnation}/${n}`;
        this.#open.add(id);
        this.#asked += 1;
        client.ask(id);
      });
    }
  }

  /** What must hold at any moment. */
  #watch(): void {
    const { crew, requests } = this.#queue ?? {};
    if (crew === undefined || requests === undefined) return;
    const { maxWaiting } = this.#knobs;
    if (crew.idle > 0 && requests.waiting > 0) this.#world.fail('L3: idle while a request waits');
    if (crew.idle + crew.busy > crew.size) this.#world.fail('B1: more hands than workers');
    if (crew.size > 50) this.#world.fail('B1: more workers than allowed');
    // Those that come back from lost workers are let in although the line is full.
    if (requests.waiting > maxWaiting + crew.size + WORKERS * 10)
      this.#world.fail('B1: the line is too long');
  }

  /** What must hold at the end, when all has been well for long. */
  #judge(): void {
    if (this.#open.size > 0) this.#world.fail(`S1: ${[...this.#open].join(', ')} never ended`);
    if (this.#asked < MIN_ASKED)
      this.#world.fail(`${this.#asked} requests are too few to judge by`);
    // A lane whose answer was taken out of a connection that lives on is never free again.
    if (!this.#isHostile) this.#judgeQuiet();
  }

  /** Everybody has come back, and nothing is left over. */
  #judgeQuiet(): void {
    const { crew, requests, deadline } = this.#queue as QueueRules;
    const { now } = this.#world;
    if (crew.size !== WORKERS)
      this.#world.fail(`B1: ${crew.size} workers, where there are ${WORKERS}`);
    if (crew.idle !== WORKERS || requests.waiting + requests.waitingBytes > 0) {
      this.#world.fail('B1: something is left in hand or in line');
    }
    if (deadline === undefined || deadline < now - 1000) {
      this.#world.fail('B4: a deadline is past');
    }
    for (const [name, lane] of this.#lanes) {
      if (!lane.isConnected || lane.isBusy) this.#world.fail(`L2: ${name} has not come back`);
    }
  }
}
