/**
 * Sink rules: which results count, and when there will be no more.
 *
 * Pure: the sockets are in sink.ts.
 */
import { type Action, type Rules, tell } from 'brokerless/kit';
import { asToSink, type OutcomeMessage, type ProgressMessage } from './messages.ts';

// Whoever can reach the port can claim any number of items; a list of them must stay a list.
const MAX_NAMED = 100_000;

// While no result is owed, the ventilator is heard of every half second, if it lives.
const IDLE_SILENCE_MS = 2000;

/** The outcome of one item. */
export type Result<Value> =
  | { readonly ok: true; readonly id: number; readonly worker: string; readonly value: Value }
  | { readonly ok: false; readonly id: number; readonly worker: string; readonly reason: string };

/** What the rules tell the application: a result, or how the batch ended. */
export type SinkTold = Result<unknown> | 'complete' | 'silent';
type Act = Action<'results', never, SinkTold>;

/** The decisions of a sink. It takes part in one batch of work: the first it hears of. */
export class SinkRules implements Rules<'results', never, SinkTold> {
  /** Results handed out. */
  received = 0;
  /** Those of them that are failures. */
  failed = 0;
  /** Results refused: a second one for an item, or one of another batch. */
  refused = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** How many items there are; undefined until the ventilator has read its source. */
  expected: number | undefined;
  #run: string | undefined;
  #sent = 0; // How many items there are at least.
  #complete = 0; // All items before this one have their result.
  #ahead = new Set<number>(); // Items after it that have theirs.
  #known = 0; // How many items there are at least, by their results.
  #early: OutcomeMessage[] = []; // Results that came before the ventilator named its batch.
  #depth = 0; // Results that the application has not taken.
  #heardAt: number | undefined; // When there was last a sign that things go on.
  #over = false;
  #silenceMs: number;
  #idleSilenceMs: number; // While no result is owed.
  readonly #maxDepth: number;

  constructor(options: { readonly silenceMs: number; readonly maxDepth: number }) {
    this.#silenceMs = options.silenceMs;
    this.#idleSilenceMs = Math.max(options.silenceMs, IDLE_SILENCE_MS);
    this.#maxDepth = options.maxDepth;
  }

  accepts(): boolean {
    return !this.#over && this.#depth < this.#maxDepth;
  }

  get deadline(): number | undefined {
    // Silence is the application's own while it takes nothing and so nothing is read.
    if (this.#heardAt === undefined || !this.accepts()) return undefined;
    const owed = this.received < this.#sent;
    return this.#heardAt + (owed ? this.#silenceMs : this.#idleSilenceMs);
  }

  /** The items known to exist that have no result; of very many, the first. */
  get missing(): number[] {
    const missing: number[] = [];
    const total = this.expected ?? Math.max(this.#sent, this.#known);
    for (let id = this.#complete; id < total && missing.length < MAX_NAMED; id += 1) {
      if (!this.#ahead.has(id)) missing.push(id);
    }
    return missing;
  }

  receive(_from: 'results', value: unknown, now: number): readonly Act[] {
    const message = asToSink(value);
    if (message === undefined) {
      this.faults += 1;
      return [];
    }
    if (message[0] === 'sent' || message[0] === 'end') return this.#hearOfProgress(message, now);
    if (this.#run !== undefined) return this.#take(message, now);
    if (this.#early.length < this.#maxDepth) this.#early.push(message);
    else this.refused += 1;
    return [];
  }

  tick(now: number): readonly Act[] {
    if (this.deadline === undefined || now < this.deadline) return [];
    this.#over = true;
    return [tell('silent' as const)];
  }

  /** No worker is left: so short a silence is now enough. */
  lastCall(silenceMs: number, now: number): readonly Act[] {
    this.#silenceMs = silenceMs;
    this.#idleSilenceMs = silenceMs;
    this.#heardAt = now;
    return [];
  }

  /** The application has taken a result. */
  taken(now: number): readonly Act[] {
    if (this.#depth === this.#maxDepth) this.#heardAt = now;
    this.#depth -= 1;
    return [];
  }

  /** Only a ventilator names the batch: a late result of an earlier one may come before it does. */
  #hearOfProgress([kind, run, count]: ProgressMessage, now: number): readonly Act[] {
    this.#run ??= run;
    if (run !== this.#run) {
      this.refused += 1;
      return [];
    }
    // While results are owed, only a result is a sign that they will come.
    if (this.#heardAt === undefined || this.received >= this.#sent) this.#heardAt = now;
    this.#sent = Math.max(this.#sent, count);
    if (kind === 'end') this.expected = count;
    const early = this.#early;
    this.#early = [];
    return [...early.flatMap((message) => this.#take(message, now)), ...this.#endIfComplete()];
  }

  #take(message: OutcomeMessage, now: number): readonly Act[] {
    const [kind, run, id, worker, outcome] = message;
    const known = id < this.#complete || this.#ahead.has(id);
    if (run !== this.#run || known || id >= (this.expected ?? Number.POSITIVE_INFINITY)) {
      this.refused += 1;
      return [];
    }
    this.#heardAt = now;
    this.#ahead.add(id);
    this.#known = Math.max(this.#known, id + 1);
    while (this.#ahead.delete(this.#complete)) this.#complete += 1;
    this.received += 1;
    this.#depth += 1;
    if (kind === 'done') {
      return [tell({ ok: true, id, worker, value: outcome }), ...this.#endIfComplete()];
    }
    this.failed += 1;
    return [tell({ ok: false, id, worker, reason: outcome }), ...this.#endIfComplete()];
  }

  #endIfComplete(): readonly Act[] {
    if (this.#over || this.expected === undefined || this.#complete < this.expected) return [];
    this.#over = true;
    return [tell('complete' as const)];
  }
}
