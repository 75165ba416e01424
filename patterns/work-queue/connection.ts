/**
 * Connection: the DEALER by which a worker or a producer talks to its queue, opened anew when its rules say so.
 * Moves messages; decides nothing.
 */
import { BrokerlessError, Dealer } from 'brokerless';
import {
  type Action,
  type BackoffOptions,
  boolean,
  type Checks,
  type Clock,
  callback,
  type Driven,
  drive,
  type Frames,
  integer,
  once,
  type Port,
  type Rules,
  shaped,
  surface,
  systemClock,
  workOf,
} from 'brokerless/kit';
import type { Link, LinkOptions } from './link-rules.ts';
import { LIST_BYTES, VERSION } from './messages.ts';

/** Options of whatever connects to a queue. */
export interface ConnectionOptions {
  /** The most bytes of one item or result once encoded. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** How many beats the queue may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** The most that the first wait before a new connection may take, in milliseconds; it doubles. Default 100. */
  readonly reconnectMs?: number | undefined;
  /** What no such wait exceeds, in milliseconds. Default 5000. */
  readonly reconnectMaxMs?: number | undefined;
  /** Whether the end of a connection is a reason to look for the queue at once. Default true. */
  readonly notifications?: boolean | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link ConnectionOptions}. */
export const connectionChecks: Checks<ConnectionOptions> = {
  maxMessageBytes: integer(1, 0x7000_0000),
  missesAllowed: integer(1, 1000),
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  notifications: boolean,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the options mean to the rules. */
export function linkOptions(options: ConnectionOptions): LinkOptions {
  const { reconnectMs = 100, reconnectMaxMs = 5000 } = options;
  const reconnect: BackoffOptions = {
    baseMs: reconnectMs,
    maxMs: Math.max(reconnectMs, reconnectMaxMs),
  };
  return {
    missesAllowed: options.missesAllowed ?? 3,
    reconnect,
    random: options.random ?? Math.random,
  };
}

/** Rules that talk to a queue. */
export interface LinkedRules<Told> extends Rules<'queue', Frames, Told> {
  /** How the connection stands. */
  readonly link: Link;
  /** The connection has ended. */
  left(port: 'queue', peer: string, now: number): readonly Action<'queue', Frames, Told>[];
}

/** A connection at work. */
export class Connection<Told> {
  /** Ends it, with what waits in it unless the queue is there to take that. */
  readonly close: () => Promise<void>;
  readonly #rules: LinkedRules<Told>;
  readonly #endpoint: string;
  readonly #options: ConnectionOptions;
  readonly #driven: Driven<'queue', Frames, Told>;
  #socket: Dealer<Frames>;

  /** @param tell Takes what the rules hand to the application. */
  constructor(
    rules: LinkedRules<Told>,
    endpoint: string,
    options: ConnectionOptions,
    tell: (told: Told) => void,
  ) {
    this.#rules = rules;
    this.#endpoint = endpoint;
    this.#options = options;
    this.#socket = this.#open();
    this.close = once(() => this.#end());
    this.#driven = drive<'queue', Frames, Told>(rules, {
      ports: { queue: portOf(this.#socket) },
      open: () => this.#reopen(),
      tell,
      onError: surface,
      window: WINDOW,
      clock: options.clock ?? systemClock,
    });
  }

  /** Gives the first socket its endpoint. Rejects if that is no good, and closes. */
  async connect(): Promise<void> {
    try {
      await this.#socket.connect(this.#endpoint);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Asks the rules something, and does what they answer. */
  perform(decide: (now: number) => readonly Action<'queue', Frames, Told>[]): void {
    this.#driven.perform(decide);
  }

  #open(): Dealer<Frames> {
    const { maxMessageBytes = 1 << 20, notifications = true } = this.#options;
    const socket = new Dealer<Frames>({
      codec: 'frames',
      maxMessageBytes: maxMessageBytes + 2 * LIST_BYTES,
      reconnectMs: FIRST_TRY_MS,
      reconnectMaxMs: LAST_TRY_MS,
    });
    if (!notifications) return socket;
    socket.on('disconnect', () => {
      if (socket !== this.#socket) return;
      this.#driven.perform((now) => this.#rules.left('queue', '', now));
    });
    return socket;
  }

  #reopen(): Port<Frames> {
    this.#socket = this.#open();
    this.#socket.connect(this.#endpoint).catch(surface); // It was good the first time.
    return portOf(this.#socket);
  }

  async #end(): Promise<void> {
    const { isMet } = this.#rules.link;
    this.#driven.stop();
    this.#rules.link.end();
    await this.#socket.close(isMet ? {} : { drainMs: 0 });
  }
}

// So many messages may be on their way to the socket before more is read.
const WINDOW = 64;

// What a socket says first waits for its connection no longer than for about a beat.
const FIRST_TRY_MS = 50;
const LAST_TRY_MS = 1000;

// What is said of a small item takes about so many bytes.
const ITEM_BYTES = 8;

function portOf(socket: Dealer<Frames>): Port<Frames> {
  return {
    messages: socket,
    workOf: ([frame]: Frames) => workOf((frame?.length ?? 0) / ITEM_BYTES, 0),
    send: (frames) => socket.send(frames, { transfer: true }),
    close: () => void socket.close({ drainMs: 0 }),
  };
}

/** The error of a queue that speaks another version. */
export function otherVersion(theirs: number): BrokerlessError {
  const message = `the queue speaks version ${theirs} of the work queue's messages, and this is ${VERSION}`;
  return new BrokerlessError('BAD_MESSAGE', message);
}
