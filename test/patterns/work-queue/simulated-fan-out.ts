/**
 * A simulated fan-out: a program that reads a source, has workers do what it gives, and reads the outcomes, some
 * of them slowly. If it dies it begins anew, with the source from its beginning.
 */
import { encodeFailure } from 'brokerless/kit';
import type { QueueTold } from '../../../patterns/work-queue/acts-rules.ts';
import type {
  FanOutRules,
  FanOutRulesOptions,
  Piece,
} from '../../../patterns/work-queue/fan-out-rules.ts';
import type { Item } from '../../../patterns/work-queue/item-rules.ts';
import type { WorkerRules, WorkerRulesOptions } from '../../../patterns/work-queue/worker-rules.ts';
import type { SimDriven, SimNode, World } from '../../../src/testing/index.ts';
import { drawKnobs, type Knobs } from './sim-knobs.ts';
import { type Kind, Ledger } from './sim-ledger.ts';
import { Model } from './sim-model.ts';
import { Watched } from './sim-watch.ts';
import { SimWorker } from './sim-worker.ts';

/** What the world is made of: the rules, or mutants of them. */
export interface FanOutMakers {
  readonly fanOut: (options: FanOutRulesOptions) => FanOutRules;
  readonly worker: (options: WorkerRulesOptions) => WorkerRules;
}

const WORKERS = 4;
const PIECES = 50;
const MAX_WORKERS = 50;
// Who reads one outcome after the other has to be done with all in time.
const TROUBLE_UNTIL = 50_000;
const bytes = new TextEncoder();

/** A scenario for `explore`: builds the world and returns the last checks. */
export function fanOuts(makers: FanOutMakers): (world: World) => () => void {
  return (world) => {
    const knobs = drawKnobs(world);
    const ledger = new Ledger(world, false);
    const maxUnread = world.pick([1, 5, 1000]);
    let program: Program | undefined;
    const workers = new Map<string, SimWorker>();
    world.node('fan-out', (node) => {
      program = new Program(node, { world, knobs, ledger, maxUnread, make: makers.fanOut });
    });
    for (let n = 0; n < WORKERS; n += 1) {
      world.node(`worker ${n}`, (node) => {
        const { worker: make } = makers;
        workers.set(
          node.name,
          new SimWorker(node, { world, ledger, knobs, isHostile: false, make }),
        );
      });
    }
    return () => {
      program?.judge();
      for (const [name, { rules }] of workers) {
        if (!rules.link.isMet || rules.inFlight > 0) world.fail(`L2: ${name} has not come back`);
      }
    };
  };
}

interface Makings {
  readonly world: World;
  readonly knobs: Knobs;
  readonly ledger: Ledger;
  readonly maxUnread: number;
  readonly make: (options: FanOutRulesOptions) => FanOutRules;
}

/** One life of the program. */
class Program {
  readonly #node: SimNode;
  readonly #makings: Makings;
  readonly #rules: FanOutRules;
  readonly #driven: SimDriven<never, never, QueueTold>;
  readonly #unread: Item[] = [];
  readonly #told = new Set<number>(); // By their place in the source.
  #given = 0;
  #isReading = false;
  #isFinished = false;

  constructor(node: SimNode, makings: Makings) {
    const { world, knobs, ledger } = makings;
    this.#node = node;
    this.#makings = makings;
    ledger.lives += 1;
    ledger.current.clear();
    this.#rules = makings.make(this.#options());
    const model = new Model(world, ledger, this.#rules, undefined);
    const watched = new Watched(world, this.#rules, model, {
      ...knobs,
      atOnce: 0,
      maxWorkers: MAX_WORKERS,
      isDoubtful: () => false,
    });
    this.#driven = node.drive(watched, {
      ports: {
        source: node.source(this.#source()),
        workers: node.bind('router', 'workers'),
      } as never,
      tell: (told: QueueTold) => this.#hear(told),
    });
  }

  /** Everything the source gave has ended, once, and was read. */
  judge(): void {
    const { world } = this.#makings;
    const { queue, workers, room } = this.#rules;
    const { size } = queue.stock;
    if (!this.#isFinished) world.fail(`L2: ${size} of ${this.#given} pieces have not ended`);
    if (this.#told.size !== PIECES) world.fail(`S1: ${this.#told.size} outcomes of ${PIECES}`);
    if (this.#unread.length > 0) world.fail('L2: somebody has stopped reading');
    if (workers.hands.size !== WORKERS) world.fail(`B1: ${workers.hands.size} workers`);
    if (size + workers.hands.held + workers.hands.reserved.size + room > 0) {
      world.fail('B1: something is left');
    }
  }

  #options(): FanOutRulesOptions {
    const { knobs, maxUnread } = this.#makings;
    const node = this.#node;
    return {
      ...knobs,
      maxUnread,
      epoch: `fan-out ${node.incarnation}`,
      maxBytes: 1 << 20,
      backoff: { baseMs: 50, maxMs: 1000 },
      wallOffsetMs: 0,
      maxWorkers: MAX_WORKERS,
      random: () => node.random(),
    };
  }

  *#source(): Generator<readonly Piece[], undefined> {
    while (this.#given < PIECES) {
      const { room } = this.#rules;
      if (room < 1) this.#makings.world.fail('B1: the source is read although there is no room');
      const pieces: Piece[] = [];
      while (pieces.length < room && this.#given < PIECES) pieces.push(this.#draw());
      yield pieces;
    }
    return undefined;
  }

  #draw(): Piece {
    const node = this.#node;
    const { knobs, ledger } = this.#makings;
    const index = this.#given;
    const label = `${node.name}/${node.incarnation}/${index}`;
    const kinds: readonly Kind[] = ['throws', 'discards', 'hangs', 'poison'];
    const drawn = kinds[Math.floor(node.random() * kinds.length)] ?? 'plain';
    const isPlain = node.random() >= knobs.trouble / 2 || node.now > TROUBLE_UNTIL;
    const kind = isPlain ? 'plain' : drawn;
    const isBad = node.random() < 0.03;
    this.#given += 1;
    ledger.errands.set(label, {
      label,
      kind,
      throws: 1 + Math.floor(node.random() * 3),
      options: {},
      isFollowed: true,
      isCalm: false,
      sentAt: node.now,
      isCancelled: false,
    });
    const failure = isBad
      ? encodeFailure({ code: 'BAD_VALUE', message: 'it cannot travel' })
      : undefined;
    return {
      value: label,
      body: isBad ? new Uint8Array(0) : bytes.encode(label),
      failure,
      index: -1,
    };
  }

  #hear(told: QueueTold): void {
    const { world } = this.#makings;
    if (told.kind === 'ended') this.#take(told.items);
    else if (told.kind === 'finished') {
      if (this.#isFinished || this.#given < PIECES) world.fail('S1: finished twice, or too early');
      this.#isFinished = true;
      world.mark('finished');
    }
  }

  #take(items: readonly Item[]): void {
    const { world, ledger, maxUnread } = this.#makings;
    if (this.#isFinished) world.fail('S1: an outcome after the end');
    for (const item of items) {
      const { value, index, failure } = item.owner as Piece;
      if (value !== `${this.#node.name}/${this.#node.incarnation}/${index}`) {
        world.fail(`S2: ${String(value)} is told as number ${index}`);
      }
      if (this.#told.has(index)) world.fail(`S1: ${index} has ended twice`);
      this.#told.add(index);
      const { status, body } = item.ending ?? world.fail(`S1: ${index} has no end`);
      if (failure !== undefined) world.mark('bad piece');
      else ledger.judge(ledger.errand(item.body), status, body);
    }
    this.#unread.push(...items);
    if (this.#unread.length > maxUnread) world.fail(`B1: ${this.#unread.length} unread outcomes`);
    this.#read();
  }

  /** Reads one outcome after the other, each when it is done with the one before. */
  #read(): void {
    if (this.#isReading || this.#unread.length === 0) return;
    const { world } = this.#makings;
    this.#isReading = true;
    const ms = world.isHealed ? 5 : this.#node.random() * 200;
    this.#node.after(ms, () => {
      this.#isReading = false;
      this.#unread.shift();
      if (this.#rules.taken()) this.#driven.perform(() => []);
      this.#read();
    });
  }
}
