/**
 * A world small enough to try everything that can happen in it: two clients with a request each, two
 * workers, one queue, and at most one accident.
 *
 * An event is one step of one of them: a message arrives, a worker has done its job, beats, dies, or is
 * silent for so long that the queue gives it up while it works on. Messages between two of them keep their
 * order. What breaks a promise throws, in the step that breaks it. Clients are alike and workers are alike,
 * so it is always the first client that asks first, and the first worker that has the accident.
 */
import { command, HEARTBEAT, READY } from '../../../patterns/paranoid-pirate/messages.ts';
import type {
  QueueRules,
  QueueRulesOptions,
} from '../../../patterns/paranoid-pirate/queue-rules.ts';
import { assignBy } from '../../../src/broker/assign.ts';
import { encodeHeader } from '../../../src/broker/header.ts';
import type { Frames, PeerMessage } from '../../../src/broker/requests.ts';
import { BrokerlessError } from '../../../src/errors.ts';

/** Makes the rules of a queue, or of a mutant of it. */
export type MakeRules = (options: QueueRulesOptions) => QueueRules;

const EMPTY = new Uint8Array(0);
const HEARTBEAT_MS = 1000;
const MISSES = 3;

interface SmallWorker {
  /** The name of its connection; another after it has come back. */
  id: string;
  toQueue: Frames[];
  toWorker: Frames[];
  doing: Frames | undefined;
  isDead: boolean;
  /** Whether the queue has given it up, so that it will come back on a new connection. */
  isGivenUp: boolean;
  beats: number;
}

interface SmallClient {
  readonly id: string;
  readonly toQueue: Frames[];
  readonly header: Uint8Array;
  replies: number;
}

/** What may happen next: a word that says so, and what it does. */
export interface SmallEvent {
  readonly name: string;
  readonly happen: () => void;
}

/** Two clients, two workers, one queue. */
export class SmallWorld {
  readonly #rules: QueueRules;
  readonly #clients: readonly SmallClient[];
  readonly #workers: readonly SmallWorker[];
  readonly #holder = new Map<string, string>(); // By request: the worker that was given it last.
  readonly #history: string[] = []; // All that the queue was told.
  #now = 0;
  #accidents = 1;

  constructor(makeRules: MakeRules) {
    this.#rules = makeRules({
      heartbeatMs: HEARTBEAT_MS,
      missesAllowed: MISSES,
      maxAttempts: 3,
      maxWorkers: 10,
      maxWaiting: 10,
      maxWaitingBytes: 10_000,
      overflow: 'wait',
      requestMs: 600_000,
      assign: assignBy('longest-idle'),
      epoch: new Uint8Array(8),
      random: () => 0,
    });
    this.#clients = ['c1', 'c2'].map(newClient);
    this.#workers = ['w1', 'w2'].map(newWorker);
  }

  /** What tells this state from others: rules that were told the same are in the same state. */
  get fingerprint(): string {
    const workers = this.#workers.map(
      ({ id, toQueue, toWorker, doing, isDead, isGivenUp, beats }) =>
        [id, toQueue.length, toWorker.length, text(doing?.[2]), isDead, isGivenUp, beats].join(),
    );
    return [...this.#history, ...workers].join(';');
  }

  /** All that may happen next. */
  events(): SmallEvent[] {
    const events = this.#workers.flatMap((worker) => this.#eventsOf(worker));
    const client = this.#clients.find(({ toQueue }) => toQueue.length > 0);
    if (client === undefined || !this.#rules.accepts('clients')) return events;
    const asks = {
      name: `${client.id} asks`,
      happen: () => this.#arrives('clients', client.id, client.toQueue.shift() as Frames),
    };
    return [asks, ...events];
  }

  /** Nothing more can happen: everybody must have been answered, and nothing be left behind. */
  end(): void {
    for (const { id, replies } of this.#clients) {
      if (replies !== 1) throw new Error(`${id} has ${replies} replies at the end`);
    }
    const { crew, requests } = this.#rules;
    if (crew.busy > 0 || requests.waiting > 0) throw new Error('something is left in hand');
    const free = this.#workers.filter(({ isDead }) => !isDead).length;
    if (crew.idle !== free) throw new Error(`${crew.idle} of ${free} workers are idle at the end`);
  }

  #eventsOf(worker: SmallWorker): SmallEvent[] {
    const { id, isDead, isGivenUp, doing, toQueue, toWorker, beats } = worker;
    if (isDead) return [];
    const events: SmallEvent[] = [];
    const may = (does: string, when: boolean, happen: () => void): void => {
      if (when) events.push({ name: `${id} ${does}`, happen });
    };
    const mayFail = worker === this.#workers[0] && !isGivenUp && this.#accidents > 0;
    may('is heard', toQueue.length > 0, () =>
      this.#arrives('workers', id, toQueue.shift() as Frames),
    );
    may('begins', doing === undefined && toWorker.length > 0, () => {
      worker.doing = toWorker.shift();
    });
    may('is done', doing !== undefined, () => finish(worker));
    may('beats', !isGivenUp && doing !== undefined && beats === 0, () => {
      worker.beats += 1;
      toQueue.push(command(HEARTBEAT));
    });
    may('dies', mayFail, () => this.#dies(worker));
    may('is silent', mayFail && this.#isKnown(worker), () => this.#isSilent(worker));
    may('returns', isGivenUp && doing === undefined, () => comeBack(worker));
    return events;
  }

  #isKnown({ id }: SmallWorker): boolean {
    return this.#rules.crew.get(id) !== undefined;
  }

  #arrives(from: 'clients' | 'workers', peer: string, value: Frames): void {
    this.#history.push(`${peer}: ${value.map(text).join('|')}`);
    this.#act(this.#rules.receive(from, { peer, value }, this.#now));
  }

  #dies(worker: SmallWorker): void {
    this.#accidents -= 1;
    Object.assign(worker, { isDead: true, toQueue: [], toWorker: [], doing: undefined });
    this.#history.push(`${worker.id} left`);
    this.#act(this.#rules.left('workers', worker.id, this.#now));
  }

  /** The others beat; this one is given up, and does not know. */
  #isSilent(worker: SmallWorker): void {
    this.#accidents -= 1;
    worker.isGivenUp = true;
    for (let beat = 0; beat <= MISSES && this.#isKnown(worker); beat += 1) {
      for (const other of this.#workers) {
        if (other !== worker && !other.isDead && this.#isKnown(other)) {
          this.#arrives('workers', other.id, command(HEARTBEAT));
        }
      }
      this.#now = Math.max(this.#now, this.#rules.deadline ?? 0);
      this.#act(this.#rules.tick(this.#now));
    }
    if (this.#isKnown(worker)) throw new Error(`${worker.id} is silent and not given up`);
  }

  #act(actions: ReturnType<QueueRules['receive']>): void {
    for (const action of actions) {
      if (action.kind !== 'send') continue;
      if (action.to === 'clients') this.#reply(action.message);
      else if (action.message.value.length > 1) this.#give(action.message);
    }
  }

  #reply({ peer, value }: PeerMessage): void {
    const client = this.#clients.find(({ id }) => id === peer);
    if (client === undefined) throw new Error(`a reply to ${peer}, who is nobody`);
    const [header, , body, failure] = value;
    if (header !== client.header) throw new Error(`${peer} is sent somebody else's reply`);
    client.replies += 1;
    if (client.replies > 1) throw new Error(`${peer} is answered twice`);
    if (failure !== undefined) throw new Error(`${peer} is refused although a worker lives`);
    const holder = this.#holder.get(peer);
    if (text(body) !== `${peer} by ${holder}`) throw new Error(`${text(body)}, not by ${holder}`);
  }

  #give(message: PeerMessage): void {
    const { peer, value } = message;
    const worker = this.#workers.find(({ id }) => id === peer);
    if (worker === undefined || worker.isDead) {
      this.#history.push(`${peer} unreachable`);
      const error = new BrokerlessError('UNREACHABLE', 'gone');
      this.#act(this.#rules.unsent('workers', message, error, this.#now));
      return;
    }
    const isTaken = worker.doing !== undefined || worker.toWorker.length > 0;
    if (isTaken && !worker.isGivenUp) throw new Error(`${peer} is given two requests at once`);
    this.#holder.set(text(value[2]), peer);
    worker.toWorker.push(value);
  }
}

function newClient(id: string): SmallClient {
  const bytes = new TextEncoder().encode(id);
  const header = encodeHeader({ id: bytes, priority: 0, remainingMs: 600_000 });
  return { id, header, toQueue: [[header, EMPTY, bytes]], replies: 0 };
}

function newWorker(id: string): SmallWorker {
  const toQueue = [command(READY)];
  return { id, toQueue, toWorker: [], doing: undefined, isDead: false, isGivenUp: false, beats: 0 };
}

function finish(worker: SmallWorker): void {
  const [tag, empty, body] = worker.doing as readonly [Uint8Array, Uint8Array, Uint8Array];
  worker.doing = undefined;
  worker.toQueue.push([tag, empty, new TextEncoder().encode(`${text(body)} by ${worker.id}`)]);
}

/** It has noticed too, and says READY on a new connection; what was on its way is lost. */
function comeBack(worker: SmallWorker): void {
  Object.assign(worker, { isGivenUp: false, toQueue: [command(READY)], toWorker: [] });
  worker.id += '+';
}

function text(frame: Uint8Array | undefined): string {
  return new TextDecoder().decode(frame);
}
