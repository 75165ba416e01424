/**
 * Discard: what a handler throws for an item that no further attempt would get done.
 */

/** Thrown by a handler: the item is discarded and not tried again. Recognised by its `name`. */
export class Discard extends Error {
  override readonly name = 'Discard';

  /** @param reason Why, for whoever asks what has become of the item. */
  constructor(reason: string) {
    super(reason);
  }
}

/** Whether something thrown is a {@link Discard}, be it of another copy of this file, or out of a thread. */
export function isDiscard(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'Discard';
}
