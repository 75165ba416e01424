/**
 * Load balancer: stands between clients and workers, and gives each request to a worker that is free.
 *
 *     clients ──REQ──▶ ROUTER [ broker ] ROUTER ◀──REQ── workers
 *
 * The simplest true broker: no worker is given more than it can take, and nothing is asked of either side
 * but a REQ socket. No promise against a crash. The decisions are in rules.ts.
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
import { brokerChecks, type LoadBalancerOptions, ruleOptions } from './broker-options.ts';
import { type BalancerPort, BalancerRules, type BalancerTold, type WorkerLoss } from './rules.ts';

/** The numbers of a load balancer. Counters start at 0 and only grow. */
export interface LoadBalancerStats {
  /** Requests taken on. */
  readonly received: number;
  /** Replies of workers sent to clients. */
  readonly sent: number;
  /** Requests that went back in line because the worker they were meant for was gone before they left. */
  readonly redelivered: number;
  /** Requests that a worker had and did not answer; their clients got the failure `WORKER_LOST`. */
  readonly deadLettered: number;
  /** Requests whose time was over first; they got `EXPIRED`, or `WORKER_LOST` if a worker had them. */
  readonly expired: number;
  /** Requests turned away with the failure `QUEUE_FULL`. */
  readonly refused: number;
  /** Answers refused: of an earlier broker, or of a worker that had been given up. */
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
  /** Bytes of the requests that wait, bookkeeping included. */
  readonly depthBytes: number;
  /** How long the request that came first has waited, in milliseconds; 0 if none waits. */
  readonly oldestMs: number;
  /** How long answered requests took from their arrival here, in milliseconds. */
  readonly durations: DurationStats;
}

/** What there is to hear of a load balancer. */
export interface LoadBalancerEvents {
  /** A worker has said that it is here. */
  readonly 'worker:join': { readonly worker: string };
  /** A worker is one no longer. */
  readonly 'worker:lost': { readonly worker: string; readonly reason: WorkerLoss };
}

/** A load balancer at work. */
export interface LoadBalancer extends Running<LoadBalancerStats>, Listenable<LoadBalancerEvents> {
  /** Where clients connect: the real endpoint after a wildcard. */
  readonly clients: string;
  /** Where workers connect. */
  readonly workers: string;
}

// So many messages may be on their way to the sockets before more is read.
const WINDOW = 64;

/** Starts a load balancer. Rejects with `BAD_OPTION`, or as binding rejects. */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  checkOptions('startLoadBalancer', options, brokerChecks);
  const { clock = systemClock } = options;
  const rules = new BalancerRules(ruleOptions(options));
  const events = new Listeners<LoadBalancerEvents>();
  const durations = new Durations();
  const doors: Doors = { clients: door('clients'), workers: door('workers') };
  let isClosing = false;

  function door(port: BalancerPort): Router<Frames> {
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
      onLeave: (peer) => driven.perform((now) => rules.left(port, peer, now)),
    });
  }
  function tell(told: BalancerTold): void {
    if (told.kind === 'answered') durations.record(told.ms);
    else if (told.kind === 'join') events.emit('worker:join', { worker: told.worker });
    else events.emit('worker:lost', { worker: told.worker, reason: told.reason });
  }
  const close = once(async () => {
    isClosing = true;
    driven.stop();
    await Promise.all([doors.clients.close(), doors.workers.close()]);
  });
  const driven = drive<BalancerPort, PeerMessage, BalancerTold>(rules, {
    ports: { clients: portOf(doors.clients), workers: portOf(doors.workers) },
    tell,
    onError: (error) => {
      if (!isClosing) surface(error); // What has not left by then is no news.
    },
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

type Doors = Readonly<Record<BalancerPort, Router<Frames>>>;

/** Payloads are passed on as they came, without a copy. */
function portOf(door: Router<Frames>): Port<PeerMessage> {
  return {
    messages: door,
    send: ({ peer, value }) => door.send(peer, value, { transfer: true }),
  };
}

function statsOf(
  rules: BalancerRules,
  doors: Doors,
  durations: Durations,
  now: number,
): LoadBalancerStats {
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
