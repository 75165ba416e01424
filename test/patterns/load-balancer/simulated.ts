/**
 * A simulated load balancer: clients that ask again, a broker that may crash, lanes of workers that crash,
 * leave and come back; and the promises, watched while it goes on. The invariants are named as in the
 * project's list of them: S for safety, B for bounds, L for what must happen once the faults are over.
 */
import type { BrokerRuleOptions, LaneOptions } from 'brokerless/kit';
import type { BalancerRules } from '../../../patterns/load-balancer/rules.ts';
import type { LaneRules } from '../../../patterns/load-balancer/worker-rules.ts';
import { type AssignName, assignBy } from '../../../src/broker/assign.ts';
import type { SimNode, World } from '../../../src/testing/index.ts';
import { SimClient } from '../paranoid-pirate/sim-client.ts';

/** What the world is made of: the rules, or mutants of them. */
export interface Makers {
  readonly broker: (options: BrokerRuleOptions) => BalancerRules;
  readonly lane: (options: LaneOptions) => LaneRules;
}

const CLIENTS = 4;
const WORKERS = 3;
const REQUESTS = 13; // Of each client: 52 in all, if none crashes.
const MIN_ASKED = 40;
const MAX_WORKERS = 300;
/** When the faults are over and everybody has found everybody: what is asked from then on is answered. */
const CALM_AT = 75_000;

/** The knobs of one seed: small numbers find more. */
interface Knobs {
  readonly maxWaiting: number;
  readonly overflow: 'wait' | 'reject';
  readonly assign: AssignName;
  readonly workMs: number;
  /** Whether an attempt is of no use any more when the next is made. */
  readonly isHurried: boolean;
  /** Whether the broker is told of connections that end. Lanes always are: their sockets tell them. */
  readonly isTold: boolean;
  /** Whether workers leave in good order now and then. */
  readonly isRestless: boolean;
}

/** A scenario for `explore`, with `notifications`: builds the world and returns the last checks. */
export function balancers(makers: Makers): (world: World) => () => void {
  return (world) => new Balancers(world, makers).build();
}

class Balancers {
  readonly #world: World;
  readonly #makers: Makers;
  readonly #knobs: Knobs;
  readonly #lanes = new Map<string, LaneRules>();
  readonly #open = new Set<string>(); // Requests that their clients still wait for.
  readonly #done = new Set<string>(); // Tags of the requests that were worked on.
  #broker: BalancerRules | undefined;
  #asked = 0;

  constructor(world: World, makers: Makers) {
    this.#world = world;
    this.#makers = makers;
    this.#knobs = {
      maxWaiting: world.pick([2, 5, 100]),
      overflow: world.pick(['wait', 'reject'] as const),
      assign: world.pick(['longest-idle', 'round-robin', 'random', 'priority'] as const),
      workMs: world.pick([10, 300, 3000]),
      isHurried: world.pick([true, false]),
      isTold: world.pick([true, false]),
      isRestless: world.pick([true, false]),
    };
  }

  build(): () => void {
    this.#world.node('broker', (node) => this.#startBroker(node));
    for (let n = 0; n < WORKERS; n += 1) {
      this.#world.node(`worker ${n}`, (node) => this.#startWorker(node));
    }
    for (let n = 0; n < CLIENTS; n += 1) {
      this.#world.node(`client ${n}`, (node) => this.#startClient(node), { mayCrash: n > 1 });
    }
    this.#world.every(250, () => this.#watch());
    return () => this.#judge();
  }

  #startBroker(node: SimNode): void {
    const { assign, isTold, maxWaiting, overflow } = this.#knobs;
    const rules = this.#makers.broker({
      maxWaiting,
      overflow,
      assign: assignBy(assign),
      maxWorkers: MAX_WORKERS,
      maxWaitingBytes: 1 << 20,
      requestMs: 10_000,
      epoch: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, node.incarnation),
      random: () => node.random(),
    });
    if (!isTold) Object.assign(rules, { left: () => [] });
    this.#broker = rules;
    node.drive(rules, {
      ports: { clients: node.bind('router', 'clients'), workers: node.bind('router', 'workers') },
      tell: (told) => {
        if (told.kind === 'lost') this.#world.mark(`lost:${told.reason}`);
      },
    });
  }

  #startWorker(node: SimNode): void {
    const rules = this.#makers.lane({
      reconnect: { baseMs: 200, maxMs: 2000 },
      random: () => node.random(),
    });
    this.#lanes.set(node.name, rules);
    let isBusy = false;
    let port = node.connect('dealer', 'workers');
    const driven = node.drive(rules, {
      ports: { broker: port },
      open: () => (port = node.connect('dealer', 'workers')),
      tell: (told) => {
        if (told.kind === 'lost') this.#world.mark('work in vain');
        if (told.kind === 'over') {
          this.#world.mark('left');
          driven.stop();
          port.close();
          node.after(500, () => this.#startWorker(node));
        }
        if (told.kind !== 'job') return;
        const { job } = told;
        if (isBusy) this.#world.fail(`S3: ${node.name} is given two requests at once`);
        const tag = Buffer.from(job.envelope[1] ?? []).toString('hex');
        if (this.#done.has(tag)) this.#world.fail('S3: a request is worked on twice');
        this.#done.add(tag);
        isBusy = true;
        node.after(this.#workMs(node), () => {
          isBusy = false;
          driven.perform((now) => rules.answer(job, job.body, now));
        });
      },
    });
    if (!this.#knobs.isRestless) return;
    const at = 3000 + node.random() * 20_000;
    if (node.now + at < CALM_AT) {
      // No handshake is told of here; a lane that knows of none leaves without a word.
      if (node.random() < 0.8) node.after(at, () => rules.met());
      node.after(at, () => driven.perform((now) => rules.leave(now)));
    }
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
      isHostile: false,
      isHurried: this.#knobs.isHurried,
      settled: (id, isAnswer, askedAt) => {
        this.#open.delete(id);
        if (!isAnswer && askedAt >= CALM_AT) this.#world.fail(`L1: ${id} failed when all was well`);
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
    const { crew, requests } = this.#broker ?? {};
    if (crew === undefined || requests === undefined) return;
    if (crew.idle > 0 && requests.waiting > 0) this.#world.fail('L3: idle while a request waits');
    if (crew.idle + crew.busy > crew.size) this.#world.fail('B1: more hands than workers');
    if (crew.size > MAX_WORKERS) this.#world.fail('B1: more workers than allowed');
    // Those that did not leave are let in although the line is full.
    if (requests.waiting > this.#knobs.maxWaiting + WORKERS + 1)
      this.#world.fail('B1: the line is too long');
  }

  /** What must hold at the end, when all has been well for long. */
  #judge(): void {
    const { crew, requests, deadline } = this.#broker as BalancerRules;
    const { now } = this.#world;
    if (this.#open.size > 0) this.#world.fail(`S1: ${[...this.#open].join(', ')} never ended`);
    if (this.#asked < MIN_ASKED)
      this.#world.fail(`${this.#asked} requests are too few to judge by`);
    if (this.#knobs.isTold && crew.size !== WORKERS)
      this.#world.fail(`B1: ${crew.size} workers, where there are ${WORKERS}`);
    if (crew.idle < WORKERS) this.#world.fail(`L2: ${crew.idle} workers are free`);
    if (crew.busy > 0 || requests.waiting + requests.waitingBytes > 0)
      this.#world.fail('B1: something is left in hand or in line');
    if (deadline !== undefined && deadline < now - 1000) this.#world.fail('B4: a deadline is past');
    for (const [name, lane] of this.#lanes) {
      if (lane.isBusy) this.#world.fail(`L2: ${name} has not come back`);
    }
  }
}
