/**
 * Engine: what every part of a simulated world stands on: its seed, its agenda, its trace, its marks.
 */
import { Agenda } from './agenda.ts';
import { seededRandom } from './random.ts';
import { type Moment, Trace } from './trace.ts';

/** How the network of a world behaves while nothing is wrong. */
export interface Conditions {
  /** The least time a message is on its way, in milliseconds. */
  readonly minLatencyMs: number;
  /** What it takes longer than that on average, in milliseconds. */
  readonly moreLatencyMs: number;
  /** Whether rules are told that a connection has ended. */
  readonly notifications: boolean;
  /** How many messages fit between the two ends of a connection, each way. */
  readonly highWaterMark: number;
}

/** One simulated world, seen from inside. */
export class Engine {
  /** What all that is drawn stands on. */
  readonly seed: number;
  /** How the network behaves. */
  readonly conditions: Conditions;
  /** What is still to happen. */
  readonly agenda: Agenda = new Agenda();
  /** What has happened. */
  readonly trace: Trace;
  /** How often each mark was passed. */
  readonly marks: Map<string, number> = new Map();
  /** Why the run has failed, if it has. */
  failure: Error | undefined;
  /** How much has happened. */
  events = 0;
  #messages = 0;

  constructor(seed: number, conditions: Conditions, trace: Trace) {
    this.seed = seed;
    this.conditions = conditions;
    this.trace = trace;
  }

  /** The time, in milliseconds since the world began. */
  get now(): number {
    return this.agenda.now;
  }

  /** A generator that shares nothing with those of other names. */
  random(name: string): () => number {
    return seededRandom(`${this.seed}/${name}`);
  }

  /** Counts that something was seen to happen. */
  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  /** Notes something in the trace. */
  note(moment: Moment, who: string, whom?: string, number?: number, what?: unknown): void {
    this.trace.add(this.agenda.now, moment, who, whom, number, what);
  }

  /** The number of the next message. */
  nextMessage(): number {
    this.#messages += 1;
    return this.#messages;
  }

  /** Ends the run: something is as it must never be. The first reason counts. */
  fail(reason: Error): never {
    this.failure ??= reason;
    throw this.failure;
  }
}
