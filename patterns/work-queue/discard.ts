/**
 * Discard: what a handler throws for an item that no further attempt would get done.
 */

/**
 * Thrown by a handler: the item is discarded and not tried again. Its message says why, for whoever asks what has
 * become of the item. Recognised by its `name`.
 */
export class Discard extends Error {
  override readonly name: string = 'Discard';
}

/** Whether something thrown is a {@link Discard}, be it of another copy of this file, or out of a thread. */
export function isDiscard(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'Discard';
}
