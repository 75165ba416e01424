/**
 * An in-memory network for the pipeline's rules: pipes of little room that keep their order, lose only
 * the tail of a connection that breaks, and move one message at a time, in an order drawn by a seed.
 */
import type { Action } from 'brokerless/kit';
import { SinkRules, type SinkTold } from '../../../patterns/pipeline/sink-rules.ts';
import {
  type VentilatorMessage,
  type VentilatorPort,
  VentilatorRules,
} from '../../../patterns/pipeline/ventilator-rules.ts';
import { type Job, WorkerRules } from '../../../patterns/pipeline/worker-rules.ts';

/** Draws numbers from 0 up to but not including 1; the same seed always draws the same. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Peer {
  readonly rules: WorkerRules;
  readonly inbound: unknown[];
  readonly outbound: unknown[];
  readonly jobs: Job[];
}

/** What a run is made of. */
export interface NetOptions {
  /** Draws every choice. */
  readonly random: () => number;
  /** How many items the source has. */
  readonly items: number;
  /** How many workers the run starts with. */
  readonly workers: number;
  /** How many of them, and of those that join later, crash at some time. */
  readonly crashes: number;
  /** How many join later. */
  readonly joins: number;
}

const ROOM = 3; // Messages that a pipe to a worker holds.
const SILENCE_MS = 20_000;

/** A ventilator, workers and a sink, joined by pipes. */
export class Net {
  /** What the application was told, in order. */
  readonly told: SinkTold[] = [];
  /** The numbers of the items that reached some worker's hands. */
  readonly handled: number[] = [];
  /** The sink's rules. */
  readonly sink: SinkRules = new SinkRules({ silenceMs: SILENCE_MS, maxDepth: 5 });
  /** The ventilator's rules. */
  readonly ventilator: VentilatorRules;
  /** Whether the ventilator says that it has finished. */
  finished = false;

  readonly #random: () => number;
  readonly #toSink: unknown[] = []; // From the ventilator.
  readonly #undealt: VentilatorMessage[] = []; // No worker has room for them yet.
  #peers: Peer[] = [];
  #untaken = 0;
  #now = 0;
  #turn = 0;
  #left: { items: number; crashes: number; joins: number };

  constructor({ random, items, workers, crashes, joins }: NetOptions) {
    this.#random = random;
    this.#left = { items, crashes, joins };
    this.ventilator = new VentilatorRules({
      run: 'r',
      workers,
      waitMs: 5000,
      stopWorkers: true,
      stopMs: 30_000,
    });
    this.#ventilate(this.ventilator.tick(0));
    for (let i = 0; i < workers; i += 1) this.#join();
  }

  /** Whether the sink has told its application how the run ended. */
  get over(): boolean {
    return this.told.some((told) => told === 'complete' || told === 'silent');
  }

  /** Does one thing of all that could happen now; if nothing could, lets time go on. */
  step(): void {
    const moves = this.#moves();
    const move = moves[Math.floor(this.#random() * moves.length)];
    // Time also passes while much is going on, or reports would never meet with results.
    if (move === undefined || this.#random() < 0.05) this.#wait();
    else move();
  }

  #moves(): (() => void)[] {
    const moves = this.#peers.flatMap((peer) => this.#movesOf(peer));
    const [first] = this.#undealt;
    if (first !== undefined && this.#peers.some(hasRoom)) moves.push(() => this.#deal());
    if (first === undefined && this.ventilator.accepts('source')) moves.push(() => this.#read());
    if (this.#toSink.length > 0) moves.push(() => this.#hear(this.#toSink));
    if (this.#untaken > 0) moves.push(() => this.#take());
    if (this.#random() < 0.02) moves.push(() => this.#crashOrJoin());
    return moves.filter(() => !this.over);
  }

  #movesOf(peer: Peer): (() => void)[] {
    const moves = [];
    if (peer.inbound.length > 0 && peer.rules.accepts('from')) {
      moves.push(() => this.#work(peer, peer.rules.receive('from', peer.inbound.shift())));
    }
    if (peer.jobs.length > 0) moves.push(() => this.#finish(peer));
    if (peer.outbound.length > 0 && this.sink.accepts()) {
      moves.push(() => this.#hear(peer.outbound));
    }
    return moves;
  }

  #read(): void {
    if (this.#left.items === 0) this.#ventilate(this.ventilator.ended('source', this.#now));
    else this.#ventilate(this.ventilator.receive('source', 'item'));
    this.#left.items -= 1;
  }

  #ventilate(actions: readonly Action<VentilatorPort, VentilatorMessage, 'finished'>[]): void {
    for (const action of actions) {
      if (action.kind !== 'send') this.finished = true;
      else if (action.to === 'sink') this.#toSink.push(action.message);
      else this.#undealt.push(action.message);
    }
  }

  /** The next worker in turn that has room gets the next message. */
  #deal(): void {
    const free = this.#peers.filter(hasRoom);
    this.#turn += 1;
    free[this.#turn % free.length]?.inbound.push(this.#undealt.shift());
  }

  #work(peer: Peer, actions: readonly Action<string, unknown, Job | 'finished'>[]): void {
    for (const action of actions) {
      if (action.kind === 'reopen') continue; // No part of a pipeline asks for it.
      if (action.kind === 'send') peer.outbound.push(action.message);
      else if (action.what === 'finished') this.#leave(peer);
      else {
        this.handled.push(action.what.id);
        peer.jobs.push(action.what);
      }
    }
  }

  #finish(peer: Peer): void {
    const [job] = peer.jobs.splice(Math.floor(this.#random() * peer.jobs.length), 1);
    if (job === undefined) return;
    const throws = this.#random() < 0.1;
    this.#work(peer, throws ? peer.rules.fail(job, 'no') : peer.rules.done(job, job.id));
  }

  #hear(pipe: unknown[]): void {
    if (!this.sink.accepts()) return;
    this.#collect(this.sink.receive('results', pipe.shift(), this.#now));
  }

  #collect(actions: readonly Action<string, never, SinkTold>[]): void {
    for (const action of actions) {
      if (action.kind !== 'tell') continue;
      this.told.push(action.what);
      if (typeof action.what === 'object') this.#untaken += 1;
    }
  }

  #take(): void {
    this.#untaken -= 1;
    this.#collect(this.sink.taken(this.#now));
  }

  #crashOrJoin(): void {
    const kind = this.#random() < 0.5 ? 'crashes' : 'joins';
    if (this.#left[kind] === 0) return;
    this.#left[kind] -= 1;
    const peer = this.#peers[Math.floor(this.#random() * this.#peers.length)];
    if (kind === 'joins') this.#join();
    else if (peer !== undefined) this.#crash(peer);
  }

  #join(): void {
    const name = `worker ${this.#turn}`;
    const rules = new WorkerRules({ name, concurrency: 1 + Math.floor(this.#random() * 3) });
    this.#peers.push({ rules, inbound: [], outbound: [], jobs: [] });
    this.#ventilate(this.ventilator.workersAre(this.#peers.length, this.#now));
  }

  /** A worker that leaves has sent its last results; they are on their way. */
  #leave(peer: Peer): void {
    this.#remove(peer);
    while (peer.outbound.length > 0) this.#toSink.push(peer.outbound.shift());
  }

  /** Of what a worker sent before it crashed, the tail is lost. */
  #crash(peer: Peer): void {
    const arrived = Math.floor(this.#random() * (peer.outbound.length + 1));
    peer.outbound.splice(arrived);
    this.#leave(peer);
  }

  #remove(peer: Peer): void {
    this.#peers = this.#peers.filter((other) => other !== peer);
    this.#ventilate(this.ventilator.workersAre(this.#peers.length, this.#now));
  }

  /** Time goes on by a little, and whoever is due has a turn. */
  #wait(): void {
    this.#now += 50;
    const { ventilator, sink } = this;
    if (this.#now >= (ventilator.deadline ?? Number.POSITIVE_INFINITY)) {
      this.#ventilate(ventilator.tick(this.#now));
    }
    if (this.#now >= (sink.deadline ?? Number.POSITIVE_INFINITY)) {
      this.#collect(sink.tick(this.#now));
    }
  }
}

const hasRoom = (peer: Peer): boolean => peer.inbound.length < ROOM;
