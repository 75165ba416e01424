/**
 * Errors: one class, a closed list of codes, and whether a retry may repeat the effect.
 *
 * Three kinds, after h11: *yours* (a bad option or value) names what was wrong and what was
 * expected; *the world's* (a timeout, a closed socket) carries its `cause`; *a peer's* (a malformed
 * message) is never thrown: it is dropped, counted and offered to `onFault`.
 */

/** Every code a {@link BrokerlessError} can carry; what each means is told in {@link ErrorCode}. */
export const errorCodes = [
  'BAD_OPTION',
  'BAD_VALUE',
  'TOO_LARGE',
  'QUEUE_FULL',
  'PEER_FULL',
  'UNREACHABLE',
  'TIMEOUT',
  'ABORTED',
  'CLOSED',
  'ADDRESS',
  'INSECURE_BIND',
  'BAD_MESSAGE',
  'SOCKET',
  'MISSING_RESULTS',
  'HANDLER_FAILED',
  'STORE_FAILED',
  'OVERLOADED',
  'CONTRACT_MISMATCH',
] as const;

/**
 * What went wrong, as a word to branch on.
 *
 * - `BAD_OPTION`: an option is unknown, of the wrong type or out of range. Yours; thrown at once.
 * - `BAD_VALUE`: a value that the codec cannot put on the wire. Yours.
 * - `TOO_LARGE`: a value longer than `maxMessageBytes` once encoded. Yours; nothing was sent.
 * - `QUEUE_FULL`: `overflow: 'reject'` and no room, or too many senders waiting for room.
 * - `PEER_FULL`: one peer takes less than it is sent; the others are served.
 * - `UNREACHABLE`: the peer that was named is not connected.
 * - `TIMEOUT`: the time you allowed is over. The world's, as are the next few.
 * - `ABORTED`: your `signal` fired; its reason is the `cause`.
 * - `CLOSED`: the socket is closed, or closed while this waited.
 * - `ADDRESS`: an endpoint that is malformed, taken, or not to be had.
 * - `INSECURE_BIND`: a TCP bind beyond loopback without `insecure: true`.
 * - `BAD_MESSAGE`: bytes from a peer that make no sense. Given to `onFault`; rejects only a request
 *   whose reply they were.
 * - `SOCKET`: ZeroMQ refused for a reason of its own, found in `cause` (such as `EMFILE`).
 * - `MISSING_RESULTS`: a batch of work ended without all of its results; `data` names them.
 * - `HANDLER_FAILED`: a worker's handler threw; the message is the handler's own.
 * - `STORE_FAILED`: a queue's store would not keep an item, so it was not accepted.
 * - `OVERLOADED`: a server has as much to do as it takes on; it has not begun with this.
 * - `CONTRACT_MISMATCH`: a server and its client do not mean the same by what they say.
 */
export type ErrorCode = (typeof errorCodes)[number];

/** What may be told about an error besides its code and message. */
export interface ErrorDetails {
  /** The error underneath, such as zeromq's own with its errno. */
  readonly cause?: unknown;
  /** Whether the effect may have happened all the same. Default `'no'`. */
  readonly mayHaveRun?: 'no' | 'maybe';
  /** Facts for a program, such as which results are missing. */
  readonly data?: unknown;
}

// Registered, so that two copies of this package still recognise each other's errors.
const brand = Symbol.for('brokerless.error');

/** The one error class of this package. Recognise it with {@link isBrokerlessError}. */
export class BrokerlessError extends Error {
  /** What went wrong, as a word to branch on. */
  readonly code: ErrorCode;
  /** `'no'`: nothing was done, a retry is safe. `'maybe'`: a retry may repeat the effect. */
  readonly mayHaveRun: 'no' | 'maybe';
  /** Facts for a program; what they are depends on `code`. */
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'BrokerlessError';
    this.code = code;
    this.mayHaveRun = details.mayHaveRun ?? 'no';
    this.data = details.data;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether `error` is a {@link BrokerlessError}, of this copy of the package or of another; with a
 * `code`, whether it carries that code. Use it instead of `instanceof`.
 */
export function isBrokerlessError<Code extends ErrorCode>(
  error: unknown,
  code?: Code,
): error is BrokerlessError & { readonly code: Code } {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}

/** The error of using a socket that is closed, or that closes meanwhile; `owner` is what it is. */
export function closedError(owner: string): BrokerlessError {
  return new BrokerlessError('CLOSED', `${owner}: the socket is closed`);
}

/** The text of anything that was thrown, for a message that quotes it. */
export function messageOf(thrown: unknown): string {
  const message: unknown = thrown instanceof Error ? thrown.message : thrown;
  return typeof message === 'string' ? message : 'something without a message was thrown';
}
