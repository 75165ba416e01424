/**
 * Envelope: how REQ and REP, and who speaks like them, wrap a message.
 *
 *     [address …] [empty] [body]                a request, or a reply that succeeded
 *     [address …] [empty] [empty] [failure]     a reply that did not
 *
 * The address is whatever stands before the first empty frame: names of the connections on the way, and
 * what the asker put there to recognise the reply by. Whoever answers sends it back as it came. A
 * failure is CBOR, whatever the codec of the bodies: `{ code, message, data?, from? }`, `from` being `"broker"`
 * where no handler but a broker on the way says so. RFC 28 (REQ, REP).
 */
import { messageOf } from '../errors.ts';
import { BATCH_BYTES } from './batch.ts';
import { freshItem } from './cbor.ts';
import { BatchUnpacker, decodeBody } from './unpacker.ts';

/** The frame that ends an address. */
export const DELIMITER: Uint8Array = new Uint8Array(0);

/** The most frames of an address. A chain of brokers adds one or two each. */
export const MAX_ADDRESS_FRAMES = 32;

/**
 * Where the body begins: after the first empty frame. Undefined if there is none, if the address is
 * longer than {@link MAX_ADDRESS_FRAMES}, or if no body follows.
 */
export function bodyStart(frames: readonly Uint8Array[]): number | undefined {
  const last = Math.min(frames.length - 1, MAX_ADDRESS_FRAMES + 1);
  for (let at = 0; at < last; at += 1) if (frames[at]?.length === 0) return at + 1;
  return undefined;
}

/** What went wrong, as it travels. */
export interface Failure {
  /** A word to branch on. */
  readonly code: string;
  /** What went wrong, for people. */
  readonly message: string;
  /** Facts for a program. */
  readonly data?: unknown;
  /** Whose word it is: a broker's, on the way; left out, that of whoever was asked. */
  readonly from?: 'broker' | undefined;
  /** Where it went wrong, for whoever wrote the program; only where that was asked for. */
  readonly stack?: string | undefined;
}

// So that a failure always fits a frame, whatever a handler throws.
const MAX_MESSAGE_CHARS = 10_000;

/** The last frame of a reply that did not succeed. Facts that cannot travel are left out. */
export function encodeFailure({ code, message, data, from, stack }: Failure): Uint8Array {
  const failure = {
    code: trimmed(code),
    message: trimmed(message),
    ...(from === undefined ? {} : { from }),
    ...(stack === undefined ? {} : { stack: trimmed(stack) }),
  };
  if (data !== undefined) {
    try {
      const frame = freshItem({ ...failure, data });
      if (frame.length <= BATCH_BYTES) return frame;
    } catch {
      // Then without.
    }
  }
  return freshItem(failure);
}

/**
 * Reads the last frame of a reply that did not succeed.
 *
 * @throws Error if it is not a failure as it travels.
 */
export function decodeFailure(frame: Uint8Array): Failure {
  const failure = decodeBody(failures, frame);
  if (isFailure(failure)) return failure;
  throw new Error('a failure without its code and message');
}

const failures = new BatchUnpacker({ maxMessageBytes: 0x7fff_ffff, copies: () => true });

function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Partial<Failure>;
  return typeof code === 'string' && typeof message === 'string';
}

function trimmed(text: string): string {
  return text.toWellFormed().slice(0, MAX_MESSAGE_CHARS).toWellFormed();
}

/** The failure that something thrown by a handler amounts to. */
export function failureOf(thrown: unknown): Failure {
  const { code, data } = Object(thrown) as { readonly code?: unknown; readonly data?: unknown };
  return {
    code: typeof code === 'string' && code !== '' ? code : 'HANDLER_FAILED',
    message: messageOf(thrown),
    data,
  };
}
