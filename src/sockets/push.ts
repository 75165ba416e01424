/**
 * Push: deals values out to whichever Pull peers are connected, each value to one of them.
 *
 * In order to each peer, and evenly among them. What is sent while nobody is connected waits in a
 * bounded queue. A value handed to ZeroMQ for a peer that then dies is lost: at most once.
 *
 * Spec: rfc.zeromq.org/spec/30 (PUSH).
 */
import { Push as ZmqPush } from 'zeromq';
import { boolean, checkOptions, integer, oneOf } from '../rules/check.ts';
import { publishSent } from './diagnostics.ts';
import { Lifecycle, writeTo } from './lifecycle.ts';
import {
  chosenCodec,
  MAX_MESSAGE_BYTES,
  nativeOptions,
  type SocketOptions,
  socketChecks,
} from './options.ts';
import { Outbox, type Overflow, type SendOptions } from './outbox.ts';
import { opened, TypedSocket } from './socket.ts';

/** Options of a {@link Push}. All may be left out. */
export interface PushOptions<T> extends SocketOptions<T> {
  /**
   * Whether values sent in one turn of the event loop may share a message; `cbor` only. Default true
   * for `cbor`. Set it to false for peers that expect one value a message, or for work of uneven
   * length: what shares a message cannot be dealt to two workers.
   */
  readonly batch?: boolean | undefined;
  /**
   * What `send` does when the queue is full: `'wait'` (default) resolves when there is room, `'reject'`
   * rejects with `QUEUE_FULL`, `'drop-newest'` drops the value and counts it in `stats().dropped`.
   */
  readonly overflow?: Overflow | undefined;
  /**
   * The queue is full when it holds this many bytes. Default 8 MiB (8,388,608). The process holds up
   * to this, one value more, and `highWaterMark` messages for each peer.
   */
  readonly maxQueueBytes?: number | undefined;
}

const checks = {
  ...socketChecks,
  batch: boolean,
  overflow: oneOf('wait', 'reject', 'drop-newest'),
  maxQueueBytes: integer(1),
};

// Over inproc there are no events to count peers by, so a turn's values are dealt as if to eight.
const INPROC_PEERS = 8;

/** The sending end of a pipeline. */
export class Push<T = unknown> extends TypedSocket<ZmqPush> {
  readonly #outbox: Outbox<T>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: PushOptions<T> = {}) {
    checkOptions('Push', options, checks);
    const codec = chosenCodec(options);
    const batch = codec === 'cbor' && options.batch !== false;
    const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    const life = new Lifecycle(ZmqPush, {
      owner: 'Push',
      native: { ...nativeOptions(options, batch), immediate: true },
      maxMessageBytes,
      insecure: options.insecure === true,
      onFault: options.onFault,
    });
    const outbox = new Outbox<T>({
      owner: 'Push',
      codec,
      batch,
      maxMessageBytes,
      maxQueueBytes: options.maxQueueBytes ?? 8 << 20,
      overflow: options.overflow ?? 'wait',
      deal: () => Math.max(life.monitor.connections, life.inproc ? INPROC_PEERS : 1),
      write: (frame) => writeTo(life, frame),
      onSent: (values, bytes) => publishSent(life.endpoint, values, bytes),
    });
    super(life, { outbox }, options.drainMs);
    this.#outbox = outbox;
  }

  /** A Push that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<T>(endpoint: string, options?: PushOptions<T>): Promise<Push<T>> {
    return opened(new Push(options), (push) => push.bind(endpoint));
  }

  /** A Push that connects to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<T>(endpoint: string, options?: PushOptions<T>): Promise<Push<T>> {
    return opened(new Push(options), (push) => push.connect(endpoint));
  }

  /**
   * Sends `value` to one of the connected peers. Resolves when it has been accepted, which is at once
   * while there is room; what is accepted leaves in order. Sends need not be awaited, and then are
   * bounded by the queue all the same.
   *
   * Rejects with `BAD_VALUE` or `TOO_LARGE` for a value that cannot travel, `QUEUE_FULL`, `ABORTED` or
   * `CLOSED`; the value has not been sent then.
   */
  send(value: T, options?: SendOptions): Promise<void> {
    return this.#outbox.send(value, options);
  }
}
