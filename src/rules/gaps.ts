/**
 * Gaps: how many values of each topic a subscriber has missed, by the numbers on those that arrive.
 *
 * A publisher numbers the values of each topic from 0, under an epoch of its own. The count of a topic
 * begins with the first value that arrives of it. A new epoch is either one publisher more, and its
 * topics begin anew, or one that was restarted, and all before its first value that arrives is missing:
 * if there have been as many epochs as there are publishers, it was restarted.
 */

/** How many topics are followed. Beyond it the one followed for longest is forgotten, and begins anew. */
export const MAX_TOPICS = 100_000;

const MAX_EPOCHS = 64;

const ANEW = Infinity; // The number that nothing is missing before.

/** What is known of a message before its values are read. */
export interface Numbered {
  /** Which publisher sent it: a word of fixed length. */
  readonly epoch: string;
  /** The number of its first value. */
  readonly first: number;
}

/** Counts what was missed. */
export class Gaps {
  /** Values missed so far, of all topics. */
  missed = 0;
  readonly #publishers: () => number;
  readonly #epochs = new Map<string, { readonly restarted: boolean }>();
  readonly #next = new Map<string, number>(); // By epoch and topic: the number to come.
  #current = '';
  #epochLength = 0;

  /** @param publishers How many there are at a time, as far as is known. */
  constructor(publishers: () => number) {
    this.#publishers = publishers;
  }

  /** A message has come. Answers with how many values of its topic are missing before it. */
  arrive(topic: string, { epoch, first }: Numbered): number {
    this.#epochLength = epoch.length;
    const expected = this.#next.get(epoch + topic) ?? this.#beginning(topic, { epoch, first });
    const missing = Math.max(0, first - expected); // Fewer than expected: the publisher forgot the topic.
    this.missed += missing;
    this.#follow(epoch + topic, first);
    return missing;
  }

  /** So many values of that message have been read. */
  read(count: number): void {
    const next = this.#next.get(this.#current);
    if (next !== undefined) this.#next.set(this.#current, next + count);
  }

  /** A message without a number has come. */
  unnumbered(): void {
    this.#current = '';
  }

  /** Nobody knows how many values that message had: the count of its topic begins anew. */
  spoilt(): void {
    if (this.#next.has(this.#current)) this.#next.set(this.#current, ANEW);
  }

  /** Topics that are no longer subscribed to begin anew when they are again. */
  forget(isGone: (topic: string) => boolean): void {
    for (const key of this.#next.keys()) {
      if (isGone(key.slice(this.#epochLength))) this.#next.set(key, ANEW);
    }
  }

  /** The number that the first message of a topic under this epoch should have. */
  #beginning(topic: string, { epoch, first }: Numbered): number {
    const { restarted } = this.#epochs.get(epoch) ?? this.#meet(epoch);
    const wasFollowed = [...this.#epochs.keys()].some((other) => this.#next.has(other + topic));
    return restarted && wasFollowed ? 0 : first;
  }

  #meet(epoch: string): { readonly restarted: boolean } {
    const met = { restarted: this.#epochs.size >= this.#publishers() };
    if (this.#epochs.size >= MAX_EPOCHS) this.#epochs.delete(oldest(this.#epochs));
    this.#epochs.set(epoch, met);
    return met;
  }

  #follow(key: string, first: number): void {
    this.#current = key;
    this.#next.set(key, first);
    if (this.#next.size > MAX_TOPICS) this.#next.delete(oldest(this.#next));
  }
}

function oldest(map: ReadonlyMap<string, unknown>): string {
  const [key = ''] = map.keys();
  return key;
}
