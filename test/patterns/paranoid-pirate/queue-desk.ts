/**
 * Queue desk: the rules of a queue at a table, with a clock that the test turns, and what they decide in
 * words: `join w`, `job w a`, `reply c a`, `fail c EXPIRED`, `lost w silent`, `beat w`, `bye w`.
 */
import {
  assignBy,
  type BrokerAct,
  type BrokerPort,
  type BrokerTold,
  decodeFailure,
  encodeHeader,
  type Frames,
  type RequestHeader,
} from 'brokerless/kit';
import { expect } from 'vitest';
import { commandOf, HEARTBEAT, LEAVE, READY } from '../../../patterns/paranoid-pirate/messages.ts';
import {
  QueueRules,
  type QueueRulesOptions,
  type WorkerLoss,
} from '../../../patterns/paranoid-pirate/queue-rules.ts';

type Act = BrokerAct<WorkerLoss>;

/** How often a desk's queue beats, and for how long a worker may be silent. */
export const [BEAT_MS, TTL_MS] = [100, 300] as const;

const EMPTY = new Uint8Array(0);

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const textOf = (frame: Uint8Array | undefined): string => Buffer.from(frame ?? EMPTY).toString();

/** The rules of a queue, and time. */
export class QueueDesk {
  /** What time it is. */
  now = 1000;
  /** The rules. */
  readonly rules: QueueRules;
  /** What they decided last, as they put it. */
  last: readonly Act[] = [];
  /** What stands before the empty frame of the request that each worker was given last. */
  readonly tags: Map<string, Uint8Array> = new Map();

  constructor(options: Partial<QueueRulesOptions> = {}) {
    this.rules = new QueueRules({
      heartbeatMs: BEAT_MS,
      missesAllowed: TTL_MS / BEAT_MS,
      maxAttempts: 3,
      assign: assignBy('longest-idle'),
      maxWaiting: 10,
      maxWaitingBytes: 1 << 20,
      overflow: 'wait',
      requestMs: 60_000,
      maxWorkers: 10,
      random: () => 0,
      epoch: new Uint8Array(8).fill(7),
      ...options,
    });
  }

  /** A client asks `body`, with a header if something is said of it. */
  ask(client: string, body: string, header?: Partial<RequestHeader>): string[] {
    const told = { id: bytesOf('id'), priority: 0, remainingMs: Infinity, ...header };
    const address = header === undefined ? [] : [encodeHeader(told)];
    return this.hear('clients', client, ...address, EMPTY, bytesOf(body));
  }

  /** Anybody says anything. */
  hear(port: BrokerPort, peer: string, ...value: Frames): string[] {
    return this.#did(this.rules.receive(port, { peer, value }, this.now));
  }

  /** Workers say READY. */
  ready(...workers: readonly string[]): string[] {
    return workers.flatMap((worker) => this.hear('workers', worker, Uint8Array.of(READY)));
  }

  /** A worker says HEARTBEAT. */
  beat(worker: string): string[] {
    return this.hear('workers', worker, Uint8Array.of(HEARTBEAT));
  }

  /** A worker says LEAVE. */
  leave(worker: string): string[] {
    return this.hear('workers', worker, Uint8Array.of(LEAVE));
  }

  /** A worker answers what it was given last, or what it says it was given. */
  answer(worker: string, body: string, tag = this.tags.get(worker) ?? EMPTY): string[] {
    return this.hear('workers', worker, tag, EMPTY, bytesOf(body));
  }

  /** The connection of a peer ends. */
  left(port: BrokerPort, peer: string): string[] {
    return this.#did(this.rules.left(port, peer, this.now));
  }

  /** The connections of several workers end at the same time. */
  gone(...workers: readonly string[]): string[] {
    return this.#did(this.rules.gone(workers, this.now));
  }

  /** All that was sent to `peer` last did not leave, for the reason `error`. */
  unsent(port: BrokerPort, peer: string, error: unknown): string[] {
    return this.last.flatMap((action) => {
      if (action.kind !== 'send' || action.to !== port || action.message.peer !== peer) return [];
      return this.#did(this.rules.unsent(port, action.message, error, this.now));
    });
  }

  /** Time passes and the queue is punctual: it ticks whenever it is due. */
  pass(ms: number): string[] {
    const end = this.now + ms;
    const seen: string[] = [];
    for (
      let due = this.rules.deadline;
      due !== undefined && due <= end;
      due = this.rules.deadline
    ) {
      this.now = Math.max(this.now, due);
      seen.push(...this.tick());
    }
    this.now = end;
    return seen;
  }

  /** The queue's process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The queue looks at the clock. */
  tick(): string[] {
    const seen = this.#did(this.rules.tick(this.now));
    expect(this.rules.deadline ?? Infinity, 'when it is due next').toBeGreaterThan(this.now);
    return seen;
  }

  /** Expects that nobody and nothing is left, and that there is nothing to wait for. */
  expectNothingLeft(): void {
    const { crew, requests, deadline } = this.rules;
    expect([crew.size, crew.idle, crew.busy, [...crew.names()]]).toEqual([0, 0, 0, []]);
    expect([requests.waiting, requests.waitingBytes, requests.oldestMs(this.now)]).toEqual([
      0, 0, 0,
    ]);
    expect(deadline).toBe(undefined);
  }

  #did(actions: readonly Act[]): string[] {
    this.last = actions;
    return actions.flatMap((action) => {
      if (action.kind === 'tell') return wordsOf(action.what);
      if (action.kind === 'reopen') return ['reopen'];
      const { peer, value } = action.message;
      return [action.to === 'workers' ? this.#toWorker(peer, value) : toClient(peer, value)];
    });
  }

  #toWorker(worker: string, value: Frames): string {
    const said = commandOf(value);
    if (said !== undefined) return `${{ [HEARTBEAT]: 'beat', [LEAVE]: 'bye' }[said]} ${worker}`;
    const [tag, empty, ...body] = value;
    expect([tag?.length, empty?.length]).toEqual([16, 0]);
    this.tags.set(worker, tag as Uint8Array);
    return `job ${worker} ${body.map(textOf).join('|')}`;
  }
}

function toClient(client: string, value: Frames): string {
  const body = value.slice(value.findIndex(({ length }) => length === 0) + 1);
  if (body[0]?.length !== 0) return `reply ${client} ${body.map(textOf).join('|')}`;
  return `fail ${client} ${decodeFailure(body[1] ?? EMPTY).code}`;
}

function wordsOf(told: BrokerTold<WorkerLoss>): string[] {
  if (told.kind === 'answered') return [];
  return [told.kind === 'join' ? `join ${told.worker}` : `lost ${told.worker} ${told.reason}`];
}
