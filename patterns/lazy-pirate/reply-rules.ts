/**
 * Reply rules: what a reply says of the request that it answers.
 *
 *     [header] [empty] [body]                  the answer
 *     [header] [empty] [empty] [failure]       there is none, for a reason that has a code
 *
 * | code                 | whose word it is | what it means here                                      |
 * | -------------------- | ---------------- | ------------------------------------------------------- |
 * | `QUEUE_FULL`         | a broker's       | nobody was given it; ask again                          |
 * | `WORKER_LOST`        | a broker's       | somebody had it, and may have done it; ask again        |
 * | `EXPIRED`            | a broker's       | nobody was given it, and its time is over               |
 * | anything             | the handler's    | it has failed, and would again                          |
 *
 * A broker's failures say `from: "broker"`, so that a handler's own `QUEUE_FULL` is not taken for one.
 */
import { decodeFailure, type Frames, messageOf } from 'brokerless/kit';
import type { PirateRequest } from './request-rules.ts';
import type { Switch } from './servers-rules.ts';

/** Why a request has no answer, as the error that its owner gets. */
export interface PirateFailure {
  /** The error's code. */
  readonly code: 'TIMEOUT' | 'QUEUE_FULL' | 'HANDLER_FAILED' | 'BAD_MESSAGE' | 'SOCKET';
  /** What went wrong, for people. */
  readonly message: string;
  /** Facts for a program. */
  readonly data?: unknown;
  /** The error underneath. */
  readonly cause?: unknown;
}

/** What the rules tell: an answer, that there will be none, that a server was left, or of a senseless reply. */
export type PirateTold<Key> =
  | { readonly kind: 'answer'; readonly request: PirateRequest<Key>; readonly body: Uint8Array }
  | {
      readonly kind: 'failed';
      readonly request: PirateRequest<Key>;
      readonly failure: PirateFailure;
    }
  | ({ readonly kind: 'switch' } & Switch)
  | { readonly kind: 'fault'; readonly reason: string };

/** What a reply says. */
export type Verdict =
  /** This is the answer. */
  | { readonly kind: 'answer'; readonly hasRun: 'maybe'; readonly body: Uint8Array }
  /** Nobody was given the request, or somebody was who was lost. Ask again; the failure is for the last attempt. */
  | {
      readonly kind: 'again';
      readonly hasRun: 'no' | 'maybe';
      readonly failure: PirateFailure;
    }
  /** It is over. */
  | {
      readonly kind: 'over';
      readonly hasRun: 'no' | 'maybe';
      readonly failure: PirateFailure;
    };

/** Reads a reply of which the first two frames are good. Never throws. */
export function verdictOf(frames: Frames): Verdict {
  const [, , body, failure] = frames as readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array?];
  if (failure === undefined) return { kind: 'answer', hasRun: 'maybe', body };
  try {
    if (body.length > 0 || frames.length > 4) throw new Error('a reply of several body frames');
    return meaningOf(failure);
  } catch (cause) {
    const message = `the reply makes no sense: ${messageOf(cause)}`;
    return { kind: 'over', hasRun: 'maybe', failure: { code: 'BAD_MESSAGE', message, cause } };
  }
}

function meaningOf(frame: Uint8Array): Verdict {
  const { code, message, data, from } = decodeFailure(frame);
  const broker = from === 'broker' ? code : undefined;
  if (broker === 'QUEUE_FULL') {
    return { kind: 'again', hasRun: 'no', failure: { code: broker, message } };
  }
  if (broker === 'EXPIRED') {
    return { kind: 'over', hasRun: 'no', failure: { code: 'TIMEOUT', message } };
  }
  const failure: PirateFailure = {
    code: 'HANDLER_FAILED',
    message,
    data: data === undefined ? { code } : { code, data },
  };
  return { kind: broker === 'WORKER_LOST' ? 'again' : 'over', hasRun: 'maybe', failure };
}

/** Why a request is given up that nobody has answered. */
export function timeout({ sent, attempts, patience }: PirateRequest<unknown>): PirateFailure {
  const message =
    sent === 0
      ? 'not sent in time: no server is connected, or it takes nothing'
      : `no reply in time, at attempt ${attempts} of up to ${patience.attempts}`;
  return { code: 'TIMEOUT', message };
}
