/**
 * A simulated work queue: producers with all kinds of wishes, a hub that may crash, workers that throw, hang and
 * die; and the promises, watched while it goes on. The invariants are named as in the project's list of them: S
 * for safety, B for bounds, L for what must happen once the faults are over.
 *
 * What was promised is in sim-ledger.ts, and what a hub must not do in sim-model.ts and sim-watch.ts.
 */
import type { HubRules, HubRulesOptions } from '../../../patterns/work-queue/hub-rules.ts';
import type { ProducerRules } from '../../../patterns/work-queue/producer-rules.ts';
import type { ProducerRulesOptions } from '../../../patterns/work-queue/put-rules.ts';
import type { WorkerRules, WorkerRulesOptions } from '../../../patterns/work-queue/worker-rules.ts';
import type { SimNode, World } from '../../../src/testing/index.ts';
import { OnDisk } from './sim-disk.ts';
import { startHub } from './sim-hub.ts';
import { drawKnobs, type Knobs } from './sim-knobs.ts';
import { Ledger } from './sim-ledger.ts';
import { SimProducer } from './sim-producer.ts';
import { SimWorker } from './sim-worker.ts';

/** What the world is made of: the rules, or mutants of them. */
export interface Makers {
  readonly hub: (options: HubRulesOptions) => HubRules;
  readonly worker: (options: WorkerRulesOptions) => WorkerRules;
  readonly producer: (options: ProducerRulesOptions) => ProducerRules;
}

/** What differs from one set of seeds to another. */
export interface Variant {
  /** Whether the hub has a disk, or forgets all when it crashes. Default true. */
  readonly isDurable?: boolean;
  /** Whether ZeroMQ keeps its promises; if not, only what the hub does by itself is looked at. */
  readonly isHostile?: boolean;
}

const PRODUCERS = 2;
const WORKERS = 3;
const MIN_SENT = 40;

/** A scenario for `explore`: builds the world and returns the last checks. */
export function workQueues(makers: Makers, variant: Variant = {}): (world: World) => () => void {
  return (world) => new WorkQueues(world, makers, variant).build();
}

class WorkQueues {
  readonly #world: World;
  readonly #makers: Makers;
  readonly #isHostile: boolean;
  readonly #knobs: Knobs;
  readonly #ledger: Ledger;
  readonly #disk: OnDisk | undefined;
  readonly #workers = new Map<string, SimWorker>();
  readonly #producers = new Map<string, SimProducer>();
  #hub: HubRules | undefined;

  constructor(world: World, makers: Makers, { isDurable = true, isHostile = false }: Variant) {
    this.#world = world;
    this.#makers = makers;
    this.#isHostile = isHostile;
    this.#knobs = drawKnobs(world);
    this.#ledger = new Ledger(world, isHostile);
    this.#disk = isDurable ? new OnDisk() : undefined;
  }

  build(): () => void {
    const world = this.#world;
    const { hub, worker, producer } = this.#makers;
    const common = {
      world,
      ledger: this.#ledger,
      knobs: this.#knobs,
      disk: this.#disk,
      isHostile: this.#isHostile,
    };
    world.node('hub', (node) => {
      this.#hub = startHub(node, { ...common, make: hub });
    });
    for (let n = 0; n < WORKERS; n += 1) {
      world.node(`worker ${n}`, (node) => {
        this.#workers.set(node.name, new SimWorker(node, { ...common, make: worker }));
      });
    }
    for (let n = 0; n < PRODUCERS; n += 1) {
      const start = (node: SimNode): void => {
        this.#producers.set(node.name, new SimProducer(node, { ...common, make: producer }));
      };
      world.node(`producer ${n}`, start, { mayCrash: n > 0 });
    }
    return () => this.#judge();
  }

  /** What must hold at the end, when all has been well for long. */
  #judge(): void {
    const world = this.#world;
    if (this.#ledger.errands.size < MIN_SENT) {
      world.fail(`${this.#ledger.errands.size} errands are too few to judge by`);
    }
    if (this.#isHostile) return;
    for (const { duties } of this.#producers.values()) {
      if (duties.length > 0) world.fail(`S1: ${duties.join(', ')} never ended`);
    }
    for (const [id, label] of this.#ledger.accepted) {
      const n = Number(id.slice(id.lastIndexOf('-') + 1));
      if (this.#disk !== undefined && !this.#disk.ended.has(n)) {
        world.fail(`S4: ${label} (${id}) was accepted and has not ended`);
      }
    }
    this.#judgeQuiet();
  }

  /** Everybody has come back, and nothing is left over. */
  #judgeQuiet(): void {
    const world = this.#world;
    const { queue, workers, deadline } = this.#hub as HubRules;
    const { stock, backlog } = queue;
    if (workers.hands.size !== WORKERS) world.fail(`B1: ${workers.hands.size} workers`);
    if (stock.size + stock.bytes + backlog.ready + backlog.suspects + backlog.keys > 0) {
      world.fail('L2: something is left in line');
    }
    if (workers.hands.held + workers.hands.reserved.size > 0) world.fail('B1: something is held');
    if (deadline === undefined || deadline < world.now - 1000) world.fail('B4: a deadline is past');
    for (const [name, { rules }] of this.#workers) {
      if (!rules.link.isMet || rules.inFlight > 0) world.fail(`L2: ${name} has not come back`);
    }
    for (const [name, { rules }] of this.#producers) {
      if (!rules.link.isMet || rules.unanswered + rules.followed > 0) {
        world.fail(`L2: ${name} has not come back`);
      }
    }
  }
}
