/**
 * Paranoid Pirate queue: stands between clients and workers, and notices when a worker dies.
 *
 *     clients ──REQ──▶ ROUTER [ queue ] ROUTER ◀──DEALER── workers
 *
 * Spec: rfc.zeromq.org/spec/6 (PPP). The decisions are in queue-rules.ts.
 */
import { Router } from 'brokerless';
import {
  checkOptions,
  type DurationStats,
  Durations,
  drive,
  ENVELOPE_BYTES,
  type Frames,
  type Listenable,
  Listeners,
  once,
  type PeerMessage,
  type Port,
  type Running,
  surface,
  systemClock,
} from 'brokerless/kit';
import { type PirateQueueOptions, queueChecks, ruleOptions } from './queue-options.ts';
import { type QueuePort, QueueRules, type QueueTold, type WorkerLoss } from './queue-rules.ts';

/** The numbers of a queue. Counters start at 0 and only grow. */
export interface PirateQueueStats {
  /** Requests taken on. */
  readonly received: number;
  /** Replies of workers sent to clients. */
  readonly sent: number;
  /** Requests given to another worker because theirs was lost. */
  readonly redelivered: number;
  /** Requests given up, with the failure `WORKER_LOST`, because `maxAttempts` workers were lost. */
  readonly deadLettered: number;
  /** Requests whose time was over first; they were answered with the failure `EXPIRED`. */
  readonly expired: number;
  /** Requests turned away with the failure `QUEUE_FULL`. */
  readonly refused: number;
  /** Answers refused: of an earlier attempt, an earlier queue, or a worker that was given up. */
  readonly late: number;
  /** Replies whose client was gone or took no more, and requests of clients that had gone. */
  readonly dropped: number;
  /** Messages of peers that made no sense. */
  readonly faults: number;
  /** Workers there are. */
  readonly workers: number;
  /** Those of them that wait for a request. */
  readonly idle: number;
  /** Those of them that have one in hand. */
  readonly busy: number;
  /** Requests that workers have in hand. */
  readonly inFlight: number;
  /** Requests that wait for a worker. */
  readonly waiting: number;
  /** The same: how long the line is. */
  readonly depth: number;
  /** Bytes of the requests that wait. */
  readonly depthBytes: number;
  /** How long the request that came first has waited, in milliseconds; 0 if none waits. */
  readonly oldestMs: number;
  /** How long answered requests took from their arrival here, in milliseconds. */
  readonly durations: DurationStats;
}

/** What there is to hear of a queue. */
export interface PirateQueueEvents {
  /** A worker said READY. */
  readonly 'worker:join': { readonly worker: string };
  /** A worker is one no longer. */
  readonly 'worker:lost': { readonly worker: string; readonly reason: WorkerLoss };
}

/** A queue at work. */
export interface PirateQueue extends Running<PirateQueueStats>, Listenable<PirateQueueEvents> {
  /** Where clients connect: the real endpoint after a wildcard. */
  readonly clients: string;
  /** Where workers connect. */
  readonly workers: string;
}

// So many replies may be on their way to the sockets before more is read.
const WINDOW = 64;

// A process that dies takes several connections with it, and ZeroMQ tells of them one by one. They are
// lost together, when no more has been told for so long, or a request would be tried out on one dead lane
// after the other.
const GATHER_MS = 20;
const LONGEST_GATHER_MS = 100;

/** Starts a queue. Rejects with `BAD_OPTION`, or as binding rejects. */
export async function startPirateQueue(options: PirateQueueOptions): Promise<PirateQueue> {
  checkOptions('startPirateQueue', options, queueChecks);
  const { clock = systemClock } = options;
  const rules = new QueueRules(ruleOptions(options));
  const events = new Listeners<PirateQueueEvents>();
  const durations = new Durations();
  const gone: string[] = [];
  let gatheredBy = 0;
  let cancel = (): void => {};
  const doors = { clients: door('clients'), workers: door('workers') };

  function door(port: QueuePort): Router<Frames> {
    const { maxMessageBytes = 1 << 20, insecure, notifications, onFault } = options;
    // What came in at one door must fit through the other, where a tag takes the place of the address.
    const besides = port === 'clients' ? ENVELOPE_BYTES : 2 * ENVELOPE_BYTES;
    const longest = Math.min(0x7fff_ffff, maxMessageBytes + besides);
    return new Router<Frames>({
      codec: 'frames',
      highWaterMark: 1000,
      maxMessageBytes: longest,
      maxQueueBytes: 2 * WINDOW * longest, // What is on its way is bounded by the window.
      insecure,
      notifications,
      onFault,
      onLeave: (peer) => {
        if (port === 'clients') driven.perform((now) => rules.left(port, peer, now));
        else leave(peer);
      },
    });
  }
  function leave(worker: string): void {
    if (gone.push(worker) === 1) gatheredBy = clock.now() + LONGEST_GATHER_MS;
    cancel();
    cancel = clock.at(Math.min(gatheredBy, clock.now() + GATHER_MS), () => {
      const workers = gone.splice(0);
      driven.perform((now) => rules.gone(workers, now));
    });
  }
  function tell(told: QueueTold): void {
    if (told.kind === 'answered') durations.record(told.ms);
    else if (told.kind === 'join') events.emit('worker:join', { worker: told.worker });
    else events.emit('worker:lost', { worker: told.worker, reason: told.reason });
  }
  const close = once(async () => {
    driven.stop();
    cancel();
    await Promise.all([doors.clients.close(), doors.workers.close()]);
  });
  const driven = drive<QueuePort, PeerMessage, QueueTold>(rules, {
    ports: { clients: portOf(doors.clients), workers: portOf(doors.workers) },
    tell,
    onError: surface,
    window: WINDOW,
    clock,
  });
  try {
    await doors.workers.bind(options.workers);
    await doors.clients.bind(options.clients);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    clients: doors.clients.endpoint,
    workers: doors.workers.endpoint,
    stats: () => statsOf(rules, doors, durations, clock.now()),
    on: (name, listener) => events.on(name, listener),
    off: (name, listener) => events.off(name, listener),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Doors = Readonly<Record<QueuePort, Router<Frames>>>;

/** Payloads are passed on as they came, without a copy. */
function portOf(door: Router<Frames>): Port<PeerMessage> {
  return {
    messages: door,
    send: ({ peer, value }) => door.send(peer, value, { transfer: true }),
  };
}

function statsOf(
  rules: QueueRules,
  doors: Doors,
  durations: Durations,
  now: number,
): PirateQueueStats {
  const { requests, crew } = rules;
  return {
    received: requests.received,
    sent: rules.answered,
    redelivered: requests.redelivered,
    deadLettered: requests.deadLettered,
    expired: requests.expired,
    refused: requests.refused,
    late: rules.late,
    dropped: rules.dropped,
    faults: rules.faults + doors.clients.stats().faults + doors.workers.stats().faults,
    workers: crew.size,
    idle: crew.idle,
    busy: crew.busy,
    inFlight: crew.busy,
    waiting: requests.waiting,
    depth: requests.waiting,
    depthBytes: requests.waitingBytes,
    oldestMs: requests.oldestMs(now),
    durations: durations.stats(),
  };
}
