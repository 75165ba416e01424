/**
 * Replies: what was answered to calls with a key, so that another call with the same one has the same answer and no
 * effect of its own. Bounded in number, in bytes and in time. Pure.
 */
import type { Served } from './served-rules.ts';

/** How much is kept, and for how long. */
export interface RepliesOptions {
  /** How many replies. */
  readonly maxReplies: number;
  /** How many bytes they take together. */
  readonly maxReplyBytes: number;
  /** For how long, in milliseconds. */
  readonly keepRepliesMs: number;
}

/** How a call ended. */
export interface Answer {
  /** Which entry it is told in. */
  readonly kind: number;
  /** Its result or failure: one item of CBOR. */
  readonly body: Uint8Array;
}

/** An effect: it is being brought about by one call, others wait for it; or it has been. */
interface Effect {
  by: Served;
  readonly waiting: Set<Served>;
  answer: Answer | undefined;
  diesAt: number;
}

// What is kept of a reply besides its bytes and its key.
const BESIDES = 200;

/** What has been answered, and what is being carried out, by key. */
export class Replies {
  readonly #options: RepliesOptions;
  readonly #effects = new Map<string, Effect>(); // Those that have been answered: the oldest answer first.
  #answered = 0;
  #bytes = 0;

  constructor(options: RepliesOptions) {
    this.#options = options;
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#answered;
  }

  /**
   * A call with a key has come: `'first'` if it has to be carried out, `'waits'` if another is being, and the answer
   * if there is one.
   */
  claim(call: Served, effect: string, now: number): 'first' | 'waits' | Answer {
    const known = this.#effects.get(effect);
    if (known?.answer !== undefined && known.diesAt <= now) this.#forget(effect, known);
    else if (known !== undefined) {
      if (known.answer !== undefined) return known.answer;
      known.waiting.add(call);
      return 'waits';
    }
    const waiting = new Set<Served>();
    this.#effects.set(effect, { by: call, waiting, answer: undefined, diesAt: 0 });
    return 'first';
  }

  /** It has been carried out. Returns those that wait for the same answer. */
  keep(effect: string, answer: Answer, now: number): readonly Served[] {
    const known = this.#effects.get(effect);
    if (known === undefined) return [];
    this.#effects.delete(effect); // It goes to the end.
    this.#effects.set(effect, known);
    known.answer = answer;
    known.diesAt = now + this.#options.keepRepliesMs;
    this.#answered += 1;
    this.#bytes += bytesOf(effect, answer);
    this.#makeRoom(now);
    const waiting = [...known.waiting];
    known.waiting.clear();
    return waiting;
  }

  /** It was not carried out after all. Returns who is to do so instead, if anybody waits for that. */
  release(effect: string): Served | undefined {
    const known = this.#effects.get(effect);
    if (known === undefined || known.answer !== undefined) return undefined;
    const [next] = known.waiting;
    if (next === undefined) this.#effects.delete(effect);
    else {
      known.waiting.delete(next);
      known.by = next;
    }
    return next;
  }

  /** Somebody waits for another call's effect no longer. Returns that other if it is at work for nobody now. */
  leave(call: Served, effect: string): Served | undefined {
    const known = this.#effects.get(effect);
    if (known?.waiting.delete(call) !== true || known.waiting.size > 0) return undefined;
    return known.by.isWanted ? undefined : known.by;
  }

  /** Whether somebody waits for another call's effect. */
  isAwaited(effect: string): boolean {
    return (this.#effects.get(effect)?.waiting.size ?? 0) > 0;
  }

  #makeRoom(now: number): void {
    const { maxReplies, maxReplyBytes } = this.#options;
    for (const [effect, known] of this.#effects) {
      if (known.answer === undefined) continue;
      const isOver = this.#answered > maxReplies || this.#bytes > maxReplyBytes;
      if (!isOver && known.diesAt > now) return;
      this.#forget(effect, known);
    }
  }

  #forget(effect: string, { answer }: Effect): void {
    this.#effects.delete(effect);
    if (answer === undefined) return;
    this.#answered -= 1;
    this.#bytes -= bytesOf(effect, answer);
  }
}

function bytesOf(effect: string, { body }: Answer): number {
  return effect.length + body.length + BESIDES;
}
