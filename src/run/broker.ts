/**
 * Broker: gives the rules of a broker their two doors, and whoever started it something to look at.
 *
 *     clients ──▶ door [ rules ] door ◀── workers
 *
 * What a broker decides is in the rules of its pattern; this moves messages, and decides nothing.
 */
import { ENVELOPE_BYTES, type Frames, type PeerMessage } from '../broker/requests.ts';
import type { BrokerlessError } from '../errors.ts';
import type { Action, Rules } from '../rules/rules.ts';
import type { BrokerOptions } from './broker-options.ts';
import { type BrokerCounts, type BrokerStats, brokerStats } from './broker-stats.ts';
import { systemClock } from './clock.ts';
import { Departures } from './departures.ts';
import { type Driven, drive, type Port } from './drive.ts';
import { Durations } from './durations.ts';
import { surface } from './hear.ts';
import { type Listenable, Listeners } from './listeners.ts';
import { once, type Running } from './running.ts';

/** Where the two kinds of a broker's peers are. */
export type BrokerPort = 'clients' | 'workers';

/** What the rules of a broker tell: of workers, by the reason if one is lost, and of answers. */
export type BrokerTold<Loss extends string> =
  | { readonly kind: 'join'; readonly worker: string }
  | { readonly kind: 'lost'; readonly worker: string; readonly reason: Loss }
  | { readonly kind: 'answered'; readonly ms: number };

/** What the rules of a broker have done. */
export type BrokerAct<Loss extends string> = Action<BrokerPort, PeerMessage, BrokerTold<Loss>>;

/** The rules of a broker, and the numbers that they keep. */
export interface BrokerRules<Loss extends string>
  extends Rules<BrokerPort, PeerMessage, BrokerTold<Loss>>,
    BrokerCounts {
  /** A client's connection has ended, or that of a worker. */
  left(port: BrokerPort, peer: string, now: number): readonly BrokerAct<Loss>[];
  /** The connections of these workers have ended at the same time. */
  gone(workers: readonly string[], now: number): readonly BrokerAct<Loss>[];
}

/** What there is to hear of a broker. */
export interface BrokerEvents<Loss extends string> {
  /** A worker has said that it is here. */
  readonly 'worker:join': { readonly worker: string };
  /** A worker is one no longer. */
  readonly 'worker:lost': { readonly worker: string; readonly reason: Loss };
}

/** A broker at work. */
export interface Broker<Loss extends string>
  extends Running<BrokerStats>,
    Listenable<BrokerEvents<Loss>> {
  /** Where clients connect: the real endpoint after a wildcard. */
  readonly clients: string;
  /** Where workers connect. */
  readonly workers: string;
}

/** As much of a ROUTER as a broker needs. */
export interface Door extends AsyncIterable<PeerMessage, undefined> {
  /** The real endpoint after a wildcard bind. */
  readonly endpoint: string;
  /** Makes it reachable. */
  bind(endpoint: string): Promise<void>;
  /** Sends a peer a message. */
  send(peer: string, value: Frames, options: { readonly transfer: true }): Promise<void>;
  /** Its numbers. */
  stats(): { readonly faults: number };
  /** Ends it. */
  close(): Promise<unknown>;
}

/** What a door is opened with: options of a ROUTER. */
export interface DoorOptions {
  /** Messages of several frames. */
  readonly codec: 'frames';
  /** How many messages wait for one peer. */
  readonly highWaterMark: number;
  /** The most bytes of one message. */
  readonly maxMessageBytes: number;
  /** How many bytes may be on their way to ZeroMQ. */
  readonly maxQueueBytes: number;
  /** As in the options of the broker. */
  readonly insecure: boolean | undefined;
  /** As in the options of the broker. */
  readonly notifications: boolean | undefined;
  /** As in the options of the broker. */
  readonly onFault: ((fault: BrokerlessError) => void) | undefined;
  /** Hears of each peer whose connection ends. */
  readonly onLeave: (peer: string) => void;
}

// So many messages may be on their way to the sockets before more is read.
const WINDOW = 64;

/** Starts a broker. Rejects as binding rejects; nothing is left open then. */
export async function startBroker<Loss extends string>(
  rules: BrokerRules<Loss>,
  options: BrokerOptions,
  openDoor: (options: DoorOptions) => Door,
): Promise<Broker<Loss>> {
  const { clock = systemClock } = options;
  const events = new Listeners<BrokerEvents<Loss>>();
  const durations = new Durations();
  const departures = new Departures(clock, (workers) => {
    driven.perform((now) => rules.gone(workers, now));
  });
  const clients = openDoor(
    doorOptions('clients', options, (peer) => {
      driven.perform((now) => rules.left('clients', peer, now));
    }),
  );
  const workers = openDoor(doorOptions('workers', options, (peer) => departures.add(peer)));
  const driven: Driven<BrokerPort, PeerMessage, BrokerTold<Loss>> = drive(rules, {
    ports: { clients: portOf(clients), workers: portOf(workers) },
    tell: (told) => {
      if (told.kind === 'answered') durations.record(told.ms);
      else if (told.kind === 'join') events.emit('worker:join', { worker: told.worker });
      else events.emit('worker:lost', { worker: told.worker, reason: told.reason });
    },
    onError: surface,
    window: WINDOW,
    clock,
  });
  const close = once(async () => {
    driven.stop();
    await Promise.all([clients.close(), workers.close()]);
    departures.stop(); // Of those whom the doors lost last as well.
  });
  try {
    await clients.bind(options.clients);
    await workers.bind(options.workers); // Last, so that whoever starts a broker hears of the first of them.
  } catch (error) {
    await close();
    throw error;
  }
  const faults = (): number => clients.stats().faults + workers.stats().faults;
  return {
    clients: clients.endpoint,
    workers: workers.endpoint,
    stats: () => brokerStats(rules, faults(), durations, clock.now()),
    on: (name, listener) => events.on(name, listener),
    off: (name, listener) => events.off(name, listener),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function doorOptions(
  port: BrokerPort,
  { maxMessageBytes = 1 << 20, insecure, notifications, onFault }: BrokerOptions,
  onLeave: (peer: string) => void,
): DoorOptions {
  // What came in at one door must fit through the other, where a tag takes the place of the address.
  const besides = port === 'clients' ? ENVELOPE_BYTES : 2 * ENVELOPE_BYTES;
  const longest = Math.min(0x7fff_ffff, maxMessageBytes + besides);
  return {
    codec: 'frames',
    highWaterMark: 1000,
    maxMessageBytes: longest,
    // The rules bound what is on its way: a tick may give out anew all that lost workers had in hand.
    maxQueueBytes: Number.MAX_SAFE_INTEGER,
    insecure,
    notifications,
    onFault,
    onLeave,
  };
}

/** Payloads are passed on as they came, without a copy. */
function portOf(door: Door): Port<PeerMessage> {
  return {
    messages: door,
    send: ({ peer, value }) => door.send(peer, value, { transfer: true }),
  };
}
