/**
 * Follows: the items whose end a producer waits to hear of, and those that it wants no more.
 *
 * Both are said again on each new connection, until the end is told: what was said on the last one may have been
 * lost with it.
 *
 * Pure.
 */

/** Items that have been accepted, by number. */
export class Follows {
  readonly #own = new Set<number>(); // Whose end is told without being asked for.
  readonly #asked = new Set<number>();
  readonly #unwanted = new Set<number>();

  /** How many are followed. */
  get size(): number {
    return this.#own.size + this.#asked.size;
  }

  /** An item of one's own has been accepted, and its end is told without being asked for. */
  own(n: number): void {
    this.#own.add(n);
  }

  /** The end of an item is asked for. */
  ask(n: number): void {
    if (!this.#own.has(n)) this.#asked.add(n);
  }

  /** An item is wanted no more. */
  cancel(n: number): void {
    this.#unwanted.add(n);
    if (!this.#own.has(n)) this.#asked.add(n); // That it has ended says that this was heard.
  }

  /** Those to be asked for on a new connection. */
  *toAsk(): IterableIterator<number> {
    yield* this.#own;
    for (const n of this.#asked) if (!this.#own.has(n)) yield n;
  }

  /** Those to be cancelled on a new connection. */
  toCancel(): Iterable<number> {
    return this.#unwanted;
  }

  /** An item has ended. Answers whether it was one's own or only asked for; undefined if that was told before. */
  end(n: number): 'own' | 'asked' | undefined {
    const isOwn = this.#own.delete(n);
    const isAsked = this.#asked.delete(n);
    this.#unwanted.delete(n);
    if (isOwn) return 'own';
    return isAsked ? 'asked' : undefined;
  }

  /** None of them will be heard of. Answers with their numbers. */
  clear(): readonly number[] {
    const all = [...this.toAsk()];
    this.#own.clear();
    this.#asked.clear();
    this.#unwanted.clear();
    return all;
  }
}
