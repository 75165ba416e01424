/**
 * Chunks: reads a source several values at a time, as many as there is room for.
 */
import { overdue, workOf } from 'brokerless/kit';

// So many at a time, that nobody else waits for long.
const MOST = 256;

/** The values of `source`, each turned by `piece`, in lists of up to `room()`. Asks the source for no more. */
export function chunks<In, Piece>(
  source: Iterable<In> | AsyncIterable<In>,
  room: () => number,
  piece: (value: In) => Piece,
): AsyncIterable<readonly Piece[]> {
  return {
    [Symbol.asyncIterator]: () =>
      Symbol.asyncIterator in source
        ? new OneByOne(source[Symbol.asyncIterator](), piece)
        : new Chunks(source[Symbol.iterator](), room, piece),
  };
}

/** A source that takes its time gives one value at a time. It can be left while it makes up its mind. */
class OneByOne<In, Piece> implements AsyncIterator<readonly Piece[], undefined> {
  readonly #source: AsyncIterator<In>;
  readonly #piece: (value: In) => Piece;

  constructor(source: AsyncIterator<In>, piece: (value: In) => Piece) {
    this.#source = source;
    this.#piece = piece;
  }

  async next(): Promise<IteratorResult<readonly Piece[], undefined>> {
    const { value, done } = await this.#source.next();
    return done === true ? END : { value: [this.#piece(value)], done: false };
  }

  async return(): Promise<IteratorResult<readonly Piece[], undefined>> {
    await this.#source.return?.();
    return END;
  }
}

class Chunks<In, Piece> implements AsyncIterator<readonly Piece[], undefined> {
  readonly #source: Iterator<In>;
  readonly #room: () => number;
  readonly #piece: (value: In) => Piece;
  #broken: { readonly error: unknown } | undefined; // What it threw after values that go first.

  constructor(source: Iterator<In>, room: () => number, piece: (value: In) => Piece) {
    this.#source = source;
    this.#room = room;
    this.#piece = piece;
  }

  async next(): Promise<IteratorResult<readonly Piece[], undefined>> {
    if (this.#broken !== undefined) throw this.#broken.error;
    const pieces: Piece[] = [];
    try {
      this.#fill(pieces);
    } catch (error) {
      if (pieces.length === 0) throw error;
      this.#broken = { error };
    }
    return pieces.length > 0 ? { value: pieces, done: false } : END;
  }

  async return(): Promise<IteratorResult<readonly Piece[], undefined>> {
    this.#source.return?.();
    return END;
  }

  #fill(pieces: Piece[]): void {
    const most = Math.max(1, Math.min(MOST, this.#room()));
    while (pieces.length < most) {
      const { value, done } = this.#source.next();
      if (done === true) return;
      pieces.push(this.#piece(value));
      if (overdue(workOf(1, 0))) return;
    }
  }
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };
