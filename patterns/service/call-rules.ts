/**
 * Calls of a client: each from the moment it is asked to its end, through as many attempts as it takes. Pure.
 */
import type { ErrorCode } from 'brokerless';
import type { BackoffOptions, RetryBudgetOptions, TimedCall } from 'brokerless/kit';
import type { MethodKind } from './contract-rules.ts';
import type { Link } from './link-rules.ts';

/**
 * Where a call is: it waits for a server, it has been sent, its server has said that it has begun, it rests before
 * it is asked again, or it is over.
 */
export type Stage = 'waiting' | 'sent' | 'begun' | 'resting' | 'over';

/** What calls are told at the start. */
export interface CallsOptions {
  /** The names of the methods, in their places, as people read them. */
  readonly names: readonly string[];
  /** Whether a call waits for a server when none is there. */
  readonly waits: boolean;
  /** How the waits before another attempt grow. */
  readonly backoff: BackoffOptions;
  /** What all retries together may be. */
  readonly budget: RetryBudgetOptions;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Why a call has no answer of its handler. */
export interface Trouble {
  /** A word to branch on. */
  readonly code: ErrorCode;
  /** What went wrong, for people. */
  readonly message: string;
  /** Facts for a program. */
  readonly data?: unknown;
}

/** What is asked. */
export interface Asked {
  /** How it is answered. */
  readonly kind: MethodKind;
  /** When, by the client's clock. */
  readonly askedAt: number;
  /** The place of the method in the contract. */
  readonly method: number;
  /** What it is given: one item of CBOR. */
  readonly input: Uint8Array;
  /** What travels beside it: one item of CBOR; undefined if nothing does. */
  readonly meta: Uint8Array | undefined;
  /** When all is to be over, by the client's clock; Infinity if never. */
  readonly deadline: number;
  /** Of an event, for which nobody waits once it has left: when its handler is to be over. Otherwise as all. */
  readonly until?: number | undefined;
  /** How often it may be asked again. */
  readonly retries: number;
  /** Of a stream: how many values may be under way at first. */
  readonly credit: number;
}

/** A call, a stream or an event. `Key` is whatever its caller is found by. */
export class ClientCall<Key = unknown> implements TimedCall {
  /** The number of the present attempt. Answers to another find nobody. */
  number = 0;
  wakeAt: number;
  /** Where it is. */
  stage: Stage = 'waiting';
  /** Who has been asked, while it is sent or begun. */
  link: Link | undefined;
  /** Who has refused it last, as it has too much to do. */
  refusedBy: Link | undefined;
  /** How often it has been asked. */
  attempts = 0;
  /** How many attempts have left this process, so that their effect may have happened. */
  departures = 0;
  /** Of a stream: how many more values its reader has room for. */
  room: number;
  /** Of a stream: how many values have come. */
  came = 0;
  /** Its result, once it is over: one item of CBOR. */
  result: Uint8Array | undefined;
  /** What its handler said went wrong, once it is over: one item of CBOR. */
  failure: Uint8Array | undefined;
  /** Why there is neither, once it is over. */
  trouble: Trouble | undefined;
  /** What is asked. */
  readonly asked: Asked;
  /** What its caller is found by. */
  readonly key: Key;

  constructor(key: Key, asked: Asked) {
    this.key = key;
    this.asked = asked;
    this.wakeAt = asked.deadline;
    this.room = asked.kind === 'stream' ? asked.credit : 0;
  }

  /** Whether the effect may have happened. */
  get mayHaveRun(): 'no' | 'maybe' {
    return this.departures > 0 ? 'maybe' : 'no';
  }

  /** Whether it may be asked once more. */
  get hasRetries(): boolean {
    return this.attempts <= this.asked.retries;
  }

  /** Whether a server has it. */
  get isAway(): boolean {
    return this.stage === 'sent' || this.stage === 'begun';
  }

  /** How far it has got, in the words of a caller who has waited long enough. */
  get progress(): 'waiting' | 'sent' | 'running' {
    if (this.stage === 'begun') return 'running';
    return this.departures > 0 ? 'sent' : 'waiting';
  }
}
