/**
 * Peers: who is at the other ends of a ROUTER, what they are called, and how they come and go.
 *
 * ZeroMQ names each connection with some bytes, its routing id; here they are written in hexadecimal.
 * Its draft options make it tell when one begins and ends. They are used where they are found and
 * nothing depends on them.
 */
import { randomBytes } from 'node:crypto';
import type { Router } from 'zeromq';
import { BrokerlessError } from '../errors.ts';
import { hear } from '../run/hear.ts';

/** The name of one peer's connection: its routing id in hexadecimal. Not kept when it reconnects. */
export type Peer = string;

interface Known {
  readonly id: Buffer;
  readonly peer: Peer;
}

// The ids that ZeroMQ makes: a zero and a number of four bytes.
const OWN_ID_BYTES = 5;

// When there are so many, those of connections that have ended are forgotten with all others, which are
// soon learnt again.
const MAX_KNOWN = 16_384;

/**
 * The names of a socket's connections. Those that ZeroMQ has made are looked up, which is much quicker than
 * to write and to read hexadecimal for each message.
 */
export class PeerNames {
  readonly #byId = new Map<number, Known>();
  readonly #byName = new Map<Peer, Known>();

  /** What the connection with this routing id is called. */
  nameOf(id: Buffer): Peer {
    if (id.length !== OWN_ID_BYTES || id[0] !== 0) return id.toString('hex');
    const number = id.readUInt32BE(1);
    return (this.#byId.get(number) ?? this.#learn(number, id)).peer;
  }

  /**
   * The routing id of the connection of that name.
   *
   * @throws BrokerlessError `BAD_VALUE` unless `peer` is a name that a Router gives.
   */
  idOf(peer: Peer): Buffer {
    const known = this.#byName.get(peer);
    if (known !== undefined) return known.id;
    if (typeof peer === 'string' && /^(?:[0-9a-f]{2}){1,255}$/.test(peer)) {
      return Buffer.from(peer, 'hex');
    }
    throw new BrokerlessError('BAD_VALUE', 'a peer is the `peer` of something received');
  }

  #learn(number: number, id: Buffer): Known {
    if (this.#byId.size >= MAX_KNOWN) {
      this.#byId.clear();
      this.#byName.clear();
    }
    const known: Known = { id: Buffer.from(id), peer: id.toString('hex') };
    this.#byId.set(number, known);
    this.#byName.set(known.peer, known);
    return known;
  }
}

/** Whoever hears of peers. */
export interface PeerListeners {
  /** Hears of each peer that connects. */
  readonly onJoin?: ((peer: Peer) => void) | undefined;
  /** Hears of each peer whose connection ends. */
  readonly onLeave?: ((peer: Peer) => void) | undefined;
}

// libzmq's draft options, and what they are set to. zmq.h, ZMQ_BUILD_DRAFT_API.
const ROUTER_NOTIFY = 97;
const NOTIFY_CONNECT = 1;
const DISCONNECT_MSG = 111;

interface DraftOptions {
  setInt32Option(option: number, value: number): void;
  setStringOption(option: number, value: string): void;
}

/**
 * Asks ZeroMQ to tell when peers come and go. Returns the words it will say when one has gone, which no
 * peer can guess; undefined if this build of ZeroMQ cannot tell.
 */
export function announcePeers(socket: Router): Buffer | undefined {
  const drafts = socket as unknown as DraftOptions;
  const notice = randomBytes(16).toString('hex');
  try {
    drafts.setStringOption(DISCONNECT_MSG, notice);
    drafts.setInt32Option(ROUTER_NOTIFY, NOTIFY_CONNECT);
    return Buffer.from(notice);
  } catch {
    return undefined;
  }
}

/** What ZeroMQ tells of peers. */
export interface Announcements {
  /** What it says when one has gone; undefined if it tells nothing. */
  readonly notice: Buffer | undefined;
  /** Whether it says when one comes: with an empty message, though not over inproc. */
  readonly announced: () => boolean;
  /** What connections are called. */
  readonly names: PeerNames;
}

/** Looks at the first frames of each message that a ROUTER receives. */
export class PeerDesk {
  /** Who sent the message looked at last. */
  peer: Peer = '';
  readonly #listeners: PeerListeners;
  readonly #notice: Buffer | undefined;
  readonly #announced: () => boolean;
  readonly #names: PeerNames;
  readonly #present = new Set<Peer>();

  constructor(listeners: PeerListeners, announcements: Announcements) {
    this.#listeners = listeners;
    this.#notice = announcements.notice;
    this.#announced = announcements.announced;
    this.#names = announcements.names;
  }

  /** Whether the message was ZeroMQ's own, about a peer, and has been dealt with. */
  takes(frames: readonly Uint8Array[]): boolean {
    const [id, body] = frames as readonly Buffer[];
    this.peer = id === undefined ? '' : this.#names.nameOf(id);
    if (this.#notice === undefined) return false;
    if (frames.length === 2 && body?.equals(this.#notice) === true) return this.#leaves(this.peer);
    // An empty message is the peer's own if it has been announced already, or never will be.
    const isAnnouncement = this.#announced() && frames.length === 2 && body?.length === 0;
    return this.#joins(this.peer) && isAnnouncement;
  }

  /** Whether the peer is new. Over inproc it is not announced, and its first message has to do. */
  #joins(peer: Peer): boolean {
    if (this.#present.has(peer)) return false;
    this.#present.add(peer);
    hear(this.#listeners.onJoin, peer);
    return true;
  }

  #leaves(peer: Peer): true {
    if (this.#present.delete(peer)) hear(this.#listeners.onLeave, peer);
    return true;
  }
}
