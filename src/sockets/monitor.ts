/**
 * Monitor: a socket's connection events, read from before its first bind or connect until its end.
 *
 * libzmq sends these events with a blocking send from its I/O thread: a monitor that nobody reads, or
 * that is closed before its socket, freezes every connection of the process. So it is read for life
 * and never closed. The read that is always pending is also what keeps the process alive for as long
 * as the socket is open, as a `net.Server` does.
 */
import { EventEmitter } from 'node:events';
import type { Event, Observer, Socket } from 'zeromq';
import { hear } from '../run/hear.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { PeerCount } from './peer-count.ts';

/** What is known of a connection event. Which fields are there depends on the event. */
export interface ConnectionEvent {
  /** The local endpoint that the connection belongs to. */
  readonly address?: string;
  /** How long until the next attempt to connect, in milliseconds (`connect:retry`). */
  readonly interval?: number;
  /** What went wrong, for the events whose name says so. */
  readonly error?: Error;
}

/**
 * The events of a socket's connections, by zeromq's own names. `handshake` is the one that means a
 * peer can be talked to; `connect` and `accept` come before it, from whoever is at the other end.
 */
export type ConnectionEventName =
  | 'bind'
  | 'bind:error'
  | 'accept'
  | 'accept:error'
  | 'connect'
  | 'connect:delay'
  | 'connect:retry'
  | 'handshake'
  | 'handshake:error:protocol'
  | 'handshake:error:auth'
  | 'handshake:error:other'
  | 'disconnect'
  | 'close'
  | 'close:error';

/** A listener to connection events. What it throws surfaces as an uncaught exception. */
export type ConnectionListener = (event: ConnectionEvent) => void;

/** Reads the events of one socket. */
export class Monitor {
  /** Resolves when libzmq has let go of the socket: all it held has left, or its linger is over. */
  readonly ended: Promise<void>;
  /** What it reads from. Nobody else may, but for a thread that is about to end. */
  readonly observer: Observer;
  readonly #listeners = new EventEmitter();
  readonly #peers = new PeerCount();

  constructor(socket: Socket) {
    this.#listeners.setMaxListeners(0);
    this.observer = socket.events; // Reading this property is what starts the monitor.
    this.ended = this.#drain();
  }

  /** How many peers have shaken hands and not left. */
  get connections(): number {
    return this.#peers.count;
  }

  /** Calls `listener` at each event of that name. */
  on(name: ConnectionEventName, listener: ConnectionListener): void {
    this.#listeners.on(name, listener);
  }

  /** Takes a listener away again. */
  off(name: ConnectionEventName, listener: ConnectionListener): void {
    this.#listeners.off(name, listener);
  }

  async #drain(): Promise<void> {
    for (;;) {
      let event: Event;
      try {
        event = await this.observer.receive();
      } catch {
        return; // Closed from a thread's last moment.
      }
      if (event.type === 'end') return;
      this.#peers.hear(event.type);
      this.#tell(event);
      if (overdue(workOf(0, 0))) await nextTurn(); // A flood of failing accepts must not hold up everything else.
    }
  }

  #tell(event: Event): void {
    hear((each: Event) => this.#listeners.emit(each.type, each), event);
  }
}
