/**
 * The ledger of simulated services: what was asked by whom and what came of it, kept outside of all nodes.
 *
 * The label of an errand is all that travels. Who has a label can look up here what the errand is about.
 */
import type { ClientCall } from '../../../patterns/service/call-rules.ts';
import type { MethodKind } from '../../../patterns/service/contract-rules.ts';
import type { World } from '../../../src/testing/index.ts';
import { itemOf, valueOf } from './entries.ts';
import type { Knobs } from './sim-knobs.ts';

/**
 * What comes of an errand: it is done at once, or after a while; its handler throws, never returns unless it is
 * stopped, or comes too late and does not stop; or what it is given makes no sense.
 */
export type Kind = 'quick' | 'plain' | 'throws' | 'hangs' | 'late' | 'bad';

/** What somebody asks. */
export interface Errand {
  readonly label: string;
  readonly method: MethodKind;
  readonly kind: Kind;
  readonly key: string | undefined;
  readonly retries: number;
  readonly timeoutMs: number;
  /** Of a stream: how many values it has. */
  readonly count: number;
  /** Whether it is asked when all is well. */
  readonly isCalm: boolean;
  /** When it was asked. */
  askedAt: number;
  /** How often a handler has begun with it. */
  begun: number;
  /** How it has ended for whoever asked. */
  end: string | undefined;
  /** Whether its caller was told that it has not run. */
  hasNotRun: boolean;
  /** Why its handlers were stopped. */
  readonly stops: Set<string>;
}

/** One handler at work, and what came of it. */
export interface Run {
  readonly n: number;
  readonly errand: Errand;
  readonly life: Life;
  /** When it was done, if it was. */
  doneAt: number;
}

/** One life of a server: what it must not do twice. */
export class Life {
  /** The runs that have a key and are not over. */
  readonly running = new Map<string, Run>();
  /** The last run that was done of each key, and how many answers had been kept by then. */
  readonly done = new Map<string, { readonly run: Run; readonly place: number }>();
  /** How many answers were kept. */
  kept = 0;
}

// What one kept answer takes, at most.
const REPLY_BYTES = 300;

/** Who asked for what, and who did it. */
export class Ledger {
  /** The errands there ever were, by label. */
  readonly errands = new Map<string, Errand>();
  readonly #world: World;
  readonly #knobs: Knobs;
  readonly #isHostile: boolean;
  readonly #runs: Run[] = [];

  constructor(world: World, knobs: Knobs, isHostile: boolean) {
    this.#world = world;
    this.#knobs = knobs;
    this.#isHostile = isHostile;
  }

  /** The errand that is asked for in these bytes. */
  errand(input: Uint8Array): Errand {
    const label = String(valueOf(input));
    return this.errands.get(label) ?? this.#world.fail(`S2: ${label} is nothing that was asked`);
  }

  /** A handler begins. */
  begin(errand: Errand, life: Life, now: number): Run {
    errand.begun += 1;
    const run = { n: this.#runs.length, errand, life, doneAt: Infinity };
    this.#runs.push(run);
    this.#checkRun(errand);
    if (errand.key !== undefined && errand.method === 'call') this.#claim(errand.key, run, now);
    return run;
  }

  /** A handler has answered, and everybody who asks with the same key is to have this answer. */
  keep(run: Run, now: number): Uint8Array {
    const { key, method } = run.errand;
    run.doneAt = now;
    if (key !== undefined && method === 'call') {
      run.life.kept += 1;
      run.life.done.set(key, { run, place: run.life.kept });
    }
    this.leave(run);
    return itemOf(`${run.errand.label}#${run.n}`);
  }

  /** A handler has come to its end. */
  leave(run: Run): void {
    const { key = '' } = run.errand;
    const { running } = run.life;
    if (running.get(key) === run) running.delete(key);
  }

  /** A caller is told that its errand was not carried out, and will not be. */
  notRun(errand: Errand): void {
    errand.hasNotRun = true;
    this.#checkRun(errand);
  }

  /** A caller is given an answer. */
  judge(errand: Errand, { result, failure }: ClientCall): void {
    const body = result ?? failure;
    if (body === undefined) return;
    const [label = '', n = ''] = String(valueOf(body)).split('#');
    const run = this.#runs[Number(n)];
    if (run === undefined || run.errand.label !== label || run.doneAt === Infinity) {
      return this.#world.fail(`S2: ${errand.label} has the answer ${label}#${n}`);
    }
    const isThrown = run.errand.kind === 'throws';
    if (isThrown !== (failure !== undefined)) this.#world.fail(`S2: ${label} has ended otherwise`);
    if (run.errand === errand) return;
    if (errand.key === undefined || run.errand.key !== errand.key) {
      this.#world.fail(`S2: ${errand.label} has the answer of ${label}`);
    }
    this.#world.mark(errand.askedAt > run.doneAt ? 'kept answer' : 'shared answer');
    if (errand.askedAt > run.doneAt + this.#knobs.keepRepliesMs) {
      this.#world.fail(`S5: ${errand.label} has the answer of ${label}, which is too old`);
    }
  }

  /** One effect for one key, as long as its answer is kept. */
  #claim(key: string, run: Run, now: number): void {
    const { life, errand } = run;
    const other = life.running.get(key);
    if (other !== undefined) {
      this.#world.fail(`S5: ${errand.label} begins while ${other.errand.label} is at it`);
    }
    life.running.set(key, run);
    const last = life.done.get(key);
    if (last === undefined) return;
    const { keepRepliesMs, maxReplies, maxReplyBytes } = this.#knobs;
    const room = Math.min(maxReplies, Math.floor(maxReplyBytes / REPLY_BYTES));
    const isKept = life.kept - last.place < room && now < last.run.doneAt + keepRepliesMs;
    if (isKept) this.#world.fail(`S5: ${errand.label} repeats ${last.run.errand.label}`);
    this.#world.mark('key again');
  }

  #checkRun({ label, begun, retries, hasNotRun }: Errand): void {
    if (this.#isHostile) return; // Who doubles messages has things done twice.
    if (begun > retries + 1) this.#world.fail(`S3: ${label} is begun ${begun} times`);
    if (hasNotRun && begun > 0) this.#world.fail(`S1: ${label} has run, and is said not to have`);
  }
}
