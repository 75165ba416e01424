/**
 * A simulated producer: sends errands, waits for some of their ends, asks for others later, cancels a few.
 */
import { idOf } from '../../../patterns/work-queue/messages.ts';
import type { ProducerRules } from '../../../patterns/work-queue/producer-rules.ts';
import type {
  Ended,
  ProducerAct,
  ProducerRulesOptions,
  ProducerTold,
} from '../../../patterns/work-queue/put-rules.ts';
import { type ItemOptions, wishesOf } from '../../../patterns/work-queue/wishes.ts';
import type { SimDriven, SimNode, World } from '../../../src/testing/index.ts';
import { CALM_AT, type Knobs } from './sim-knobs.ts';
import type { Errand, Kind, Ledger } from './sim-ledger.ts';

const ERRANDS = 26; // Of each producer, and more: now and then there are three at once.
const CALM = 4; // As many of them when all is well.
const EVERY_MS = 2900;
const bytes = new TextEncoder();

/** What a producer is made of. */
export interface ProducerMakings {
  readonly world: World;
  readonly ledger: Ledger;
  readonly knobs: Knobs;
  readonly isHostile: boolean;
  readonly make: (options: ProducerRulesOptions) => ProducerRules;
}

/** One life of a producer. */
export class SimProducer {
  readonly rules: ProducerRules;
  readonly #node: SimNode;
  readonly #makings: ProducerMakings;
  readonly #driven: SimDriven<'queue', readonly Uint8Array[], ProducerTold>;
  readonly #name: string;
  readonly #sent = new Map<number, Errand>(); // Those not answered, by seq.
  readonly #waiting: Errand[] = []; // For room.
  readonly #awaited = new Map<string, Errand>(); // Whose end is to be told, by id.
  readonly #cancelled = new Set<string>(); // Whose ends may be told unasked.
  #last = { seq: 0, n: 0, epoch: '' };

  constructor(node: SimNode, makings: ProducerMakings) {
    const { make, knobs, ledger } = makings;
    ledger.forget(node.name);
    this.#node = node;
    this.#makings = makings;
    this.#name = `${node.name}/${node.incarnation}`;
    this.rules = make({
      session: this.#name,
      maxUnanswered: knobs.maxUnanswered,
      missesAllowed: knobs.missesAllowed,
      reconnect: { baseMs: 200, maxMs: 2000 },
      random: () => node.random(),
    });
    this.#driven = node.drive(this.rules, {
      ports: { queue: node.connect('dealer', 'producers') },
      tell: (told) => this.#hear(told),
    });
    for (let index = 0; index < ERRANDS; index += 1) this.#plan(index);
  }

  /** A duty that is not done at the end is told by name. */
  get duties(): readonly string[] {
    return [...this.#sent.values(), ...this.#waiting, ...this.#awaited.values()].map(
      ({ label }) => label,
    );
  }

  #plan(index: number): void {
    const node = this.#node;
    const isCalm = index >= ERRANDS - CALM;
    const at = isCalm ? CALM_AT + index * 100 : (index + node.random()) * EVERY_MS;
    if (at < node.now) return;
    node.after(at - node.now, () => {
      const count = !isCalm && node.random() < 0.2 ? 3 : 1; // Several at once, now and then.
      for (let of = 0; of < count; of += 1) this.#send(this.#draw(`${index}.${of}`, isCalm));
    });
  }

  #draw(name: string, isCalm: boolean): Errand {
    const node = this.#node;
    const { knobs, ledger } = this.#makings;
    const isPlain = isCalm || node.random() >= knobs.trouble;
    const kind: Kind = isPlain ? 'plain' : this.#pick(['throws', 'discards', 'hangs', 'poison']);
    const hangs = kind === 'hangs' ? { deadlineMs: 1000 + Math.floor(node.random() * 5000) } : {};
    const wishes = isCalm || node.random() >= knobs.wishes ? {} : this.#drawWishes();
    const isUnique = wishes.unique === true;
    const errand: Errand = {
      label: `${this.#name}/${name}`,
      kind: isUnique ? 'plain' : kind,
      throws: 1 + Math.floor(node.random() * 3),
      options: { ...wishes, ...(isUnique ? {} : hangs) },
      isFollowed: isCalm || node.random() < 0.6,
      isCalm,
      sentAt: node.now,
      isCancelled: false,
    };
    ledger.errands.set(errand.label, errand);
    return errand;
  }

  #drawWishes(): ItemOptions {
    const node = this.#node;
    const some = <T>(value: T): T | undefined => (node.random() < 0.5 ? value : undefined);
    const key = some(this.#pick(['a', 'b', 'c']));
    const isUnique = key !== undefined && node.random() < 0.4;
    return {
      key: isUnique ? `only ${key}` : key,
      unique: isUnique ? true : undefined,
      priority: some(this.#pick([0, 1, 255])),
      deadlineMs: some(100 + Math.floor(node.random() * 5000)),
      delayMs: some(Math.floor(node.random() * 3000)),
      maxAttempts: some(this.#pick([1, 2, 5])),
    };
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#node.random() * values.length)] as T;
  }

  #send(errand: Errand): void {
    if (!this.rules.hasRoom) {
      this.#makings.world.mark('waited for room');
      this.#waiting.push(errand);
      return;
    }
    const { label, options, isFollowed } = errand;
    const put = { body: bytes.encode(label), wishes: wishesOf(options, isFollowed), isFollowed };
    this.#perform(() => {
      const { seq, acts } = this.rules.put(put);
      this.#sent.set(seq, errand);
      return acts;
    });
  }

  #perform(decide: (now: number) => readonly ProducerAct[]): void {
    this.#driven.perform((now) => [...decide(now), ...this.rules.flush()]);
  }

  #hear(told: ProducerTold): void {
    if (told.kind === 'accepted') this.#accept(told.seq, told.n);
    else if (told.kind === 'refused') this.#refuse(told.seq, told.code);
    else if (told.kind === 'ended') for (const ended of told.ends) this.#end(told.epoch, ended);
    else if (told.kind === 'room') this.#node.after(0, () => this.#goOn());
    else if (told.kind === 'unknown') {
      this.#makings.world.mark('asked of another');
      this.#awaited.delete(told.id);
    } else this.#makings.world.fail(`${this.#name} is told of another version`);
  }

  #goOn(): void {
    while (this.rules.hasRoom) {
      const errand = this.#waiting.shift();
      if (errand === undefined) return;
      this.#send(errand);
    }
  }

  #settle(seq: number): Errand {
    const errand = this.#sent.get(seq);
    if (errand === undefined)
      return this.#makings.world.fail(`S1: ${this.#name}/${seq} settles twice`);
    this.#sent.delete(seq);
    return errand;
  }

  #accept(seq: number, n: number): void {
    const { ledger, world } = this.#makings;
    const errand = this.#settle(seq);
    const { epoch } = this.rules;
    const id = idOf(epoch, n);
    ledger.accept(errand, id);
    if (this.rules.sent > seq) world.mark('accepted while more is out');
    this.#checkOrder(seq, n, epoch, errand);
    if (errand.isFollowed) this.#awaited.set(id, errand);
    else if (this.#node.random() < 0.5) this.#after(5000, () => this.#ask(id, errand));
    if (errand.isCalm || this.#node.random() >= 0.15) return;
    this.#after(1500, () => {
      errand.isCancelled = true;
      this.#cancelled.add(id);
      this.#perform(() => this.rules.cancel(id));
    });
  }

  /** What was sent later is accepted under a greater number, by the same queue. */
  #checkOrder(seq: number, n: number, epoch: string, { options }: Errand): void {
    const { knobs, ledger, isHostile } = this.#makings;
    // One that was refused, and whose refusal was lost, is sent again behind those that were not.
    if (knobs.overflow === 'reject' || ledger.hasFailed) return;
    if (options.unique === true || isHostile) return;
    const last = this.#last;
    if (last.epoch === epoch && seq > last.seq !== n > last.n) {
      this.#makings.world.fail(`S7: ${this.#name}/${seq} is ${n}, and ${last.seq} is ${last.n}`);
    }
    this.#last = { seq, n, epoch };
  }

  #refuse(seq: number, code: string): void {
    const { world, ledger } = this.#makings;
    const errand = this.#settle(seq);
    world.mark(`refused:${code}`);
    if (code === 'STORE_FAILED') ledger.doubtful.add(errand.label);
    if (errand.isCalm && code !== 'QUEUE_FULL')
      world.fail(`L1: ${errand.label} is refused: ${code}`);
  }

  #after(ms: number, action: () => void): void {
    this.#node.after(this.#node.random() * ms, action);
  }

  #ask(id: string, errand: Errand): void {
    this.#awaited.set(id, errand);
    this.#perform(() => this.rules.ask(id));
  }

  /** A hub that lives on knows how items have ended, for as long as it has room for that. */
  #checkLost(id: string, { isFollowed, options }: Errand): void {
    const { ledger, world, knobs, isHostile } = this.#makings;
    const isKept = knobs.keepResultsMs > 30_000 && knobs.maxResults > 100;
    if (!isKept || !isFollowed || options.unique === true || isHostile) return;
    if (ledger.endedIn.get(id) === ledger.lives) world.fail(`S4: ${id} is forgotten`);
  }

  #end(epoch: string, { n, status, attempts, body }: Ended): void {
    const { ledger, world, isHostile } = this.#makings;
    const id = idOf(epoch, n);
    const errand = this.#awaited.get(id);
    if (errand === undefined && this.#cancelled.has(id)) return;
    if (errand === undefined) return world.fail(`S1: ${this.#name} is told of ${id} unasked`);
    this.#awaited.delete(id);
    if (status !== 'lost' && !ledger.ends.has(id)) world.fail(`S4: ${id} has not ended`);
    if (status !== 'lost' && ledger.ends.get(id) !== status && !isHostile) {
      world.fail(`S5: ${id} has ended as ${ledger.ends.get(id)}, and is told as ${status}`);
    }
    if (status === 'lost') this.#checkLost(id, errand);
    if (status === 'done' && attempts === 0) world.fail(`S2: ${id} is done without an attempt`);
    ledger.judge(errand, status, body);
  }
}
