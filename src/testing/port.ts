/**
 * Ports: what sockets, the nodes they belong to and those who read them know of each other.
 */
import type { BrokerlessError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { Listener, Network } from './network.ts';

/** The kinds of sockets there are. */
export type SocketKind = 'router' | 'dealer' | 'push' | 'pull';

/** The node that a socket belongs to, in one of its lives. */
export interface Owner<Bound extends Listener> {
  /** Its name. */
  readonly name: string;
  /** The world it lives in. */
  readonly engine: Engine;
  /** The network it is connected to. */
  readonly network: Network<Bound>;
  /** Whether it stands still. */
  readonly isFrozen: boolean;
  /** Does something at a time, unless it has died by then; if it is frozen, once it is not. */
  post(time: number, run: () => void): () => void;
  /** Does something when whatever is being done now is over, unless it has died by then. */
  soon(run: () => void): void;
  /** Does something now; if it is frozen, once it is not. */
  whenAwake(run: () => void): void;
  /** Where the names begin that the next router gives. */
  nextRoutingIds(): number;
  /** Draws what nobody decides: how late a timer is, how long to wait before the next try. */
  readonly jitter: () => number;
}

/** A socket or a source as the program on a node sees it, which reads it or has rules driven on it. */
export interface SimPort {
  /** How many messages wait here for a peer that takes them. */
  readonly depth: number;
  /**
   * Sends a message. Answers true when it was taken, false when it waits beyond the bound of the queue, and
   * with the error if it was refused, as by a router whose peer is not connected.
   */
  send(message: unknown): BrokerlessError | boolean;
  /** Reads with these functions: one for messages, and one for the names of peers that have left. */
  read(receive: (message: unknown) => void, left?: (peer: string) => void): void;
  /** Ends it, with all that waits in it. */
  close(): void;
}

/** Whoever reads a socket. */
export interface Reader {
  /** There may be something to be read. */
  readable(): void;
  /** The connection of a peer has ended. */
  left(peer: string): void;
}

/** What is read: a message, the word that a peer is gone, or that nothing more will come. */
export type Taken =
  | { readonly kind: 'message'; readonly value: unknown }
  | { readonly kind: 'left'; readonly peer: string }
  | { readonly kind: 'ended' };

/** A port that rules can be driven on. */
export interface Driveable extends SimPort {
  /** Who reads it. */
  reader: Reader | undefined;
  /** Whether there may be something to be read. */
  readonly hasMessage: boolean;
  /** Reads what is next, if there is anything. */
  take(): Taken | undefined;
  /**
   * Sends a message. Answers with the error of one that is refused, and with false while it has to wait
   * for room; `onTaken` is called when there is.
   */
  send(message: unknown, onTaken?: () => void): BrokerlessError | boolean;
}
