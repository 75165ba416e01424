/**
 * Served: one call, stream or event as a server has it, from the moment it came to its end. Pure.
 */
import type { MethodKind } from './contract-rules.ts';
import type { Meta } from './messages.ts';
import type { Session } from './session-rules.ts';

/** Where it is: in line, being carried out, or over. */
export type ServedStage = 'waiting' | 'running' | 'over';

/** What came. */
export interface Came {
  /** Who asks. */
  readonly session: Session;
  /** What its client calls it; 0 for an event, which nobody answers. */
  readonly number: number;
  /** How it is answered. */
  readonly kind: MethodKind;
  /** The place of the method in the server's contract. */
  readonly method: number;
  /** When nobody waits for it any more, by the server's clock; Infinity if there is no such time. */
  readonly deadline: number;
  /** What came beside what is asked. */
  readonly meta: Meta | null;
  /** What it is given: one item of CBOR. */
  readonly input: Uint8Array;
  /** How many bytes all of that took in its message. */
  readonly bytes: number;
}

/** One call, stream or event. */
export class Served {
  /** What came. */
  readonly came: Came;
  /** Where it is. */
  stage: ServedStage = 'waiting';
  /** Whether somebody still wants to know how it ends. */
  isWanted = true;
  /** Whether it waits for the effect of another. */
  isSharing = false;
  /** When it began, once it has. */
  begunAt = 0;
  /** Whether its client knows that it has begun. */
  isAnnounced = false;
  /** Of a stream: how many values it has given. */
  given = 0;
  /** Of a stream: how many values its reader has room for. */
  credit: number;
  /** What the application keeps with it: its handler at work. */
  work: unknown = undefined;
  /** By which name others ask for the same effect, if they may. */
  readonly effect: string | undefined;

  constructor(came: Came, credit: number) {
    this.came = came;
    this.credit = credit;
    const key = came.meta?.key;
    this.effect = key === undefined || came.kind !== 'call' ? undefined : `${came.method} ${key}`;
  }

  /** Whether its client has room for what it gives: a value of a stream, or an answer; an event gives nothing. */
  get hasRoom(): boolean {
    const { kind, session } = this.came;
    return kind === 'event' || !session.isFull;
  }
}
