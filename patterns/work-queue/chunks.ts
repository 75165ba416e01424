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
  return Symbol.asyncIterator in source
    ? oneByOne(source, piece)
    : { [Symbol.asyncIterator]: () => new Chunks(source[Symbol.iterator](), room, piece) };
}

/** A source that takes its time gives one value at a time. */
async function* oneByOne<In, Piece>(
  source: AsyncIterable<In>,
  piece: (value: In) => Piece,
): AsyncGenerator<readonly Piece[]> {
  for await (const value of source) yield [piece(value)];
}

class Chunks<In, Piece> implements AsyncIterator<readonly Piece[], undefined> {
  readonly #source: Iterator<In>;
  readonly #room: () => number;
  readonly #piece: (value: In) => Piece;

  constructor(source: Iterator<In>, room: () => number, piece: (value: In) => Piece) {
    this.#source = source;
    this.#room = room;
    this.#piece = piece;
  }

  async next(): Promise<IteratorResult<readonly Piece[], undefined>> {
    const pieces: Piece[] = [];
    const most = Math.max(1, Math.min(MOST, this.#room()));
    while (pieces.length < most) {
      const { value, done } = this.#source.next();
      if (done === true) break;
      pieces.push(this.#piece(value));
      if (overdue(workOf(1, 0))) break;
    }
    return pieces.length > 0 ? { value: pieces, done: false } : { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<readonly Piece[], undefined>> {
    this.#source.return?.();
    return { value: undefined, done: true };
  }
}
