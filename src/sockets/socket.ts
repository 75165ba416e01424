/**
 * Socket: the members that all typed sockets share.
 *
 * A typed socket is composed of a lifecycle (one zeromq socket and its events) and of the halves it
 * has: an outbox if it sends, an inbox if it receives. A class of its own adds only those verbs.
 */
import type { Socket } from 'zeromq';
import { checkOptions, integer } from '../rules/check.ts';
import { systemClock } from '../run/clock.ts';
import type { WaitOptions } from '../run/wait.ts';
import { type Lifecycle, settlesBefore } from './lifecycle.ts';
import type { ConnectionEventName, ConnectionListener } from './monitor.ts';
import { DRAIN_MS } from './options.ts';
import type { CloseReport, SocketStats } from './stats.ts';

/** How a socket is closed. */
export interface CloseOptions {
  /** How long what was sent may take to leave, in milliseconds. Default: the option `drainMs`. */
  readonly drainMs?: number | undefined;
}

/** What the sending half of a socket tells, and how it ends. */
export interface SendingHalf {
  /** Values handed to ZeroMQ. */
  readonly sent: number;
  /** Bytes of their frames. */
  readonly bytesSent: number;
  /** Values lost here. */
  readonly dropped: number;
  /** Values that were not accepted for want of room. */
  readonly refused: number;
  /** Values that wait in this process. */
  readonly depth: number;
  /** Bytes that they take. */
  readonly depthBytes: number;
  /** Accepts nothing more. Resolves when all that was accepted has been handed to ZeroMQ. */
  drain(): Promise<unknown>;
  /** Gives up on what is left. */
  end(): void;
}

/** What the receiving half of a socket tells, and how it ends. */
export interface ReceivingHalf {
  /** Values handed to the application. */
  readonly received: number;
  /** Bytes of the frames received. */
  readonly bytesReceived: number;
  /** Values received and not yet taken. */
  readonly depth: number;
  /** Ends every wait. A promise if something still has to be sent, which resolves when it may be. */
  close(): void | Promise<void>;
}

/** The halves that a socket has. */
export interface Halves {
  /** The sending half. */
  readonly outbox?: SendingHalf;
  /** The receiving half. */
  readonly inbox?: ReceivingHalf;
}

/** A ZeroMQ socket that closes, reports and waits as all of them do. Not for extending by users. */
export abstract class TypedSocket<Raw extends Socket, Ready = void> implements AsyncDisposable {
  readonly #life: Lifecycle<Raw>;
  readonly #halves: Halves;
  readonly #drainMs: number;
  #report: Promise<CloseReport> | undefined;

  /** @internal */
  protected constructor(life: Lifecycle<Raw>, halves: Halves, drainMs: number = DRAIN_MS) {
    this.#life = life;
    this.#halves = halves;
    this.#drainMs = drainMs;
  }

  /**
   * The endpoint bound or connected last, as peers can connect to it: with the real port or path where
   * a wildcard (`tcp://127.0.0.1:*`, `ipc://*`) was bound. Empty before.
   */
  get endpoint(): string {
    return this.#life.endpoint;
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#report !== undefined;
  }

  /**
   * Binds `tcp://HOST:PORT`, `ipc://PATH` or `inproc://NAME`; a socket may be bound and connected
   * several times. Rejects with `INSECURE_BIND` for TCP beyond loopback unless `insecure` is set, with
   * `ADDRESS` for an endpoint that is malformed or taken, with `CLOSED` after `close`.
   */
  bind(endpoint: string): Promise<void> {
    return this.#life.bind(endpoint);
  }

  /**
   * Connects to a bound peer, which need not be there yet: ZeroMQ keeps trying. Rejects with `ADDRESS`
   * for a malformed endpoint, with `CLOSED` after `close`. To wait for the peer, see {@link ready}.
   */
  connect(endpoint: string): Promise<void> {
    return this.#life.connect(endpoint);
  }

  /**
   * Resolves once the socket is bound, or has shaken hands with a first peer; inproc at once. Rejects
   * with `TIMEOUT`, `ABORTED` or `CLOSED`.
   */
  ready(options: WaitOptions = {}): Promise<Ready> {
    return this.#life.ready(options) as Promise<Ready>;
  }

  /** Calls `listener` at each connection event of that name. */
  on(name: ConnectionEventName, listener: ConnectionListener): this {
    this.#life.monitor.on(name, listener);
    return this;
  }

  /** Takes a listener away again. */
  off(name: ConnectionEventName, listener: ConnectionListener): this {
    this.#life.monitor.off(name, listener);
    return this;
  }

  /** The socket's numbers at this moment. */
  stats(): SocketStats {
    const { outbox, inbox } = this.#halves;
    return {
      sent: outbox?.sent ?? 0,
      received: inbox?.received ?? 0,
      bytesSent: outbox?.bytesSent ?? 0,
      bytesReceived: inbox?.bytesReceived ?? 0,
      dropped: outbox?.dropped ?? 0,
      refused: outbox?.refused ?? 0,
      faults: this.#life.faults,
      depth: (outbox?.depth ?? 0) + (inbox?.depth ?? 0),
      depthBytes: outbox?.depthBytes ?? 0,
      connections: this.#life.disposed ? 0 : this.#life.monitor.connections,
    };
  }

  /**
   * Closes the socket. What was accepted may leave for `drainMs`; the report says what did not. Waits
   * for values end. Closing again changes nothing and gives the same report.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    try {
      checkOptions('close', options, { drainMs: integer(0, 0x7fff_ffff) });
    } catch (error) {
      return Promise.reject(error);
    }
    this.#report ??= this.#close(options.drainMs ?? this.#drainMs);
    return this.#report;
  }

  /** Closes the socket when an `await using` ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drainMs: number): Promise<CloseReport> {
    const deadline = systemClock.now() + drainMs;
    this.#life.closing = true;
    const { outbox, inbox } = this.#halves;
    const answered = inbox?.close();
    if (answered !== undefined) await settlesBefore(answered, deadline);
    if (outbox !== undefined) await settlesBefore(outbox.drain(), deadline);
    outbox?.end();
    const flushed = await this.#life.end(outbox === undefined ? systemClock.now() : deadline);
    const unsent = outbox?.depth ?? 0; // Only now: a send that is pending may succeed as the socket closes.
    return { unsent, unread: inbox?.depth ?? 0, flushed: flushed || (outbox?.sent ?? 0) === 0 };
  }
}

/** The socket, once `open` has done its work on it; closed again if that fails. */
export async function opened<Typed extends TypedSocket<Socket, unknown>>(
  socket: Typed,
  open: (socket: Typed) => Promise<void>,
): Promise<Typed> {
  try {
    await open(socket);
    return socket;
  } catch (error) {
    await socket.close();
    throw error;
  }
}
