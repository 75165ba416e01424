/**
 * Router: talks to many peers, each by name: receives `{ peer, value }` and sends to the peer it picks.
 *
 * A send never waits. A peer that has gone, or whose pipe is full, is an error of that send, and all
 * others are served meanwhile. Values sent to one peer in one turn of the event loop share a message.
 * A name lasts as long as its connection: who reconnects is somebody new.
 *
 * Spec: rfc.zeromq.org/spec/28 (ROUTER).
 */
import { Router as ZmqRouter } from 'zeromq';
import { boolean, callback, checkOptions } from '../rules/check.ts';
import { iterate } from '../run/iterate.ts';
import { publishSent } from './diagnostics.ts';
import { bodiesOf, lifeOf } from './halves.ts';
import { Inbox } from './inbox.ts';
import {
  MAX_MESSAGE_BYTES,
  MAX_QUEUE_BYTES,
  type QueueOptions,
  queueChecks,
  type SocketOptions,
  socketChecks,
  type ValueOptions,
  valueChecks,
} from './options.ts';
import type { SendOptions } from './outbox.ts';
import { announcePeers, type Peer, PeerDesk, PeerNames } from './peers.ts';
import type { ReceiveOptions } from './pull.ts';
import { RouterOutbox } from './router-outbox.ts';
import { checkWith } from './schema.ts';
import { opened, TypedSocket } from './socket.ts';
import { readFrom, whole, writeFrames } from './transfer.ts';

/** A value and who sent it. */
export interface FromPeer<T> {
  /** The name of the peer's connection. */
  readonly peer: Peer;
  /** What it sent. */
  readonly value: T;
}

/** Options of a {@link Router}. All may be left out. `codec` serves both directions. */
export interface RouterOptions<Out, In>
  extends SocketOptions<Out | In>,
    Pick<QueueOptions, 'batch' | 'maxQueueBytes'>,
    ValueOptions<In> {
  /** Hears of each peer that connects. Only where ZeroMQ has its draft options, as its usual builds do. */
  readonly onJoin?: ((peer: Peer) => void) | undefined;
  /** Hears of each peer whose connection ends. Only where ZeroMQ has its draft options. */
  readonly onLeave?: ((peer: Peer) => void) | undefined;
  /**
   * Whether ZeroMQ is asked to tell of peers that come and go. Default true. Without it nobody calls
   * `onJoin` and `onLeave`, and that a peer has gone shows when something is sent to it.
   */
  readonly notifications?: boolean | undefined;
}

const { batch, maxQueueBytes } = queueChecks;

const checks = {
  ...socketChecks,
  ...valueChecks,
  batch,
  maxQueueBytes,
  onJoin: callback,
  onLeave: callback,
  notifications: boolean,
};

/** The end of many conversations: `Out` is what it sends, `In` what it receives. */
export class Router<Out = unknown, In = Out>
  extends TypedSocket<ZmqRouter>
  implements AsyncIterable<FromPeer<In>, undefined>
{
  readonly #outbox: RouterOutbox<Out>;
  readonly #inbox: Inbox<FromPeer<In>>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: RouterOptions<Out, In> = {}) {
    checkOptions('Router', options, checks);
    const life = lifeOf(ZmqRouter, 'Router', options, { mandatory: true, sendTimeout: 0 });
    const names = new PeerNames();
    const outbox = new RouterOutbox<Out>({
      names,
      options: options as SocketOptions<Out> & QueueOptions,
      maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      maxQueueBytes: options.maxQueueBytes ?? MAX_QUEUE_BYTES,
      write: (frames) => writeFrames(life, frames),
      onSent: (values, bytes) => publishSent(life.endpoint, values, bytes),
    });
    const onFault = (reason: string): void => life.fault(reason);
    const { unpacker, bodyOf } = bodiesOf(life, options as SocketOptions<In> & ValueOptions<In>);
    const desk = new PeerDesk(options, {
      notice: options.notifications === false ? undefined : announcePeers(life.raw),
      announced: () => life.networked,
      names,
    });
    const check = options.schema && checkWith(options.schema, onFault);
    const inbox = new Inbox<FromPeer<In>>({
      owner: 'Router',
      unpacker,
      read: () => readFrom(life),
      body: (frames) => (desk.takes(frames) ? undefined : bodyOf(whole(life, frames), 1)),
      check: (values) => {
        const { peer } = desk;
        const signed = (own: readonly unknown[]): FromPeer<In>[] =>
          own.map((value) => ({ peer, value: value as In }));
        const checked = check === undefined ? values : check(values);
        return checked instanceof Promise ? checked.then(signed) : signed(checked);
      },
      onFault,
    });
    super(life, { outbox, inbox }, options.drainMs);
    this.#outbox = outbox;
    this.#inbox = inbox;
  }

  /** A Router that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<Out, In = Out>(
    endpoint: string,
    options?: RouterOptions<Out, In>,
  ): Promise<Router<Out, In>> {
    return opened(new Router(options), (router) => router.bind(endpoint));
  }

  /** A Router connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<Out, In = Out>(
    endpoint: string,
    options?: RouterOptions<Out, In>,
  ): Promise<Router<Out, In>> {
    return opened(new Router(options), (router) => router.connect(endpoint));
  }

  /**
   * Sends `value` to `peer`. Resolves when ZeroMQ has taken it. Values sent to one peer without an
   * `await` in between leave together, which is much quicker; whoever does not await a send finds the
   * values that were refused in `stats().dropped`.
   *
   * Rejects with `UNREACHABLE` if the peer is not connected, with `PEER_FULL` if more waits for it than
   * its `highWaterMark`, with `QUEUE_FULL`, `CLOSED`, `BAD_VALUE` or `TOO_LARGE`; none of them has been sent.
   */
  send(peer: Peer, value: Out, options?: Pick<SendOptions, 'transfer'>): Promise<void> {
    return this.#outbox.send(peer, value, options?.transfer === true);
  }

  /** The next value. Rejects with `ABORTED`, or with `CLOSED` when the socket closes first. */
  receive(options: ReceiveOptions = {}): Promise<FromPeer<In>> {
    return this.#inbox.receive(options.signal);
  }

  /**
   * The values as they come, until the socket is closed. Leaving the loop leaves the socket open, and
   * the next loop goes on where this one stopped. Several loops at once share the values.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<FromPeer<In>, undefined> {
    return iterate(this.#inbox);
  }
}
