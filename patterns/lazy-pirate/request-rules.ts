/**
 * Request rules: one request of a Lazy Pirate client, from the call to its end, and the frames it travels in.
 *
 *     waiting ──▶ sent ──▶ over            answered, or given up
 *        ▲          │
 *        └─ resting ┘                      an attempt came to nothing: a growing, random wait
 *
 * All attempts of a request bear the same id, so the answer to any of them settles it, and nothing else.
 */
import { type Due, decodeHeader, encodeHeader, type Frames } from 'brokerless/kit';

/** How long and how often a request is tried. */
export interface Patience {
  /** How long an attempt may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How many attempts there may be. */
  readonly attempts: number;
  /** How long all may take together, in milliseconds; Infinity for as long as the attempts do. */
  readonly deadlineMs: number;
  /** What a broker is told of its urgency, 0 to 255; the greater goes first. */
  readonly priority: number;
}

/** Where a request is; see above. */
export type PirateStage = 'waiting' | 'sent' | 'resting' | 'over';

/** One request. `Key` is whatever its owner knows it by. */
export class PirateRequest<Key> implements Due {
  dueAt = 0;
  place = -1;
  /** What its owner knows it by. */
  readonly key: Key;
  /** What is asked; never written to. */
  readonly body: Uint8Array;
  /** How long and how often it is tried. */
  readonly patience: Patience;
  /** Its number among the requests of its client, which they count up from 1. */
  number = 0;
  /** When its owner stops waiting, whatever happens, in the clock's milliseconds. */
  until = 0;
  /** Where it is. */
  stage: PirateStage = 'resting';
  /** Attempts begun. */
  attempts = 0;
  /** Attempts handed to a socket. */
  sent = 0;
  /** Those of which a broker has said that nobody was given them. */
  refused = 0;
  /** Those that the present connection may still answer. */
  owed = 0;
  /** When the latest was handed over. */
  sentAt = 0;
  /** Whether the latest has been given a little more time, because its client had slept. */
  isSpared = false;

  constructor(key: Key, body: Uint8Array, patience: Patience) {
    this.key = key;
    this.body = body;
    this.patience = patience;
  }

  /** Whether a server may have been at work on it. */
  get mayHaveRun(): 'no' | 'maybe' {
    return this.sent > this.refused ? 'maybe' : 'no';
  }

  /** Whether there may be one more attempt. */
  get hasAttempts(): boolean {
    return this.attempts < this.patience.attempts;
  }

  /** An attempt is handed to a socket. */
  send(now: number): void {
    this.sent += 1;
    this.owed += 1;
    this.sentAt = now;
  }

  /** The socket has given it back. */
  unsend(): void {
    this.sent -= 1;
    this.owed = Math.max(0, this.owed - 1);
  }

  /** An attempt has been answered, by somebody who says whether anybody was given it. */
  answered(hasRun: 'no' | 'maybe'): void {
    if (hasRun === 'no') this.refused += 1;
    this.owed = Math.max(0, this.owed - 1);
  }
}

// In six bytes: more numbers than anybody asks questions.
const NUMBER_BYTES = 6;

/** The frames of an attempt. `salt` is what no other client puts before its numbers. */
export function framesOf(request: PirateRequest<unknown>, salt: Uint8Array, now: number): Frames {
  const id = new Uint8Array(salt.length + NUMBER_BYTES);
  id.set(salt);
  for (let at = id.length - 1, rest = request.number; at >= salt.length; at -= 1) {
    id[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  const { priority } = request.patience;
  return [encodeHeader({ id, priority, remainingMs: request.until - now }), EMPTY, request.body];
}

/** The number in a header; undefined if it is not one of the client with that `salt`. */
export function numberIn(frame: Uint8Array, salt: Uint8Array): number | undefined {
  const id = decodeHeader(frame)?.id;
  if (id?.length !== salt.length + NUMBER_BYTES) return undefined;
  for (let at = 0; at < salt.length; at += 1) if (id[at] !== salt[at]) return undefined;
  let number = 0;
  for (let at = salt.length; at < id.length; at += 1) number = number * 256 + (id[at] as number);
  return number;
}

const EMPTY = new Uint8Array(0);
