/**
 * Push: deals values out to whichever Pull peers are connected, each value to one of them.
 *
 * In order to each peer, and evenly among them. What is sent while nobody is connected waits in a
 * bounded queue. A value handed to ZeroMQ for a peer that then dies is lost: at most once.
 *
 * Spec: rfc.zeromq.org/spec/30 (PUSH).
 */
import { Push as ZmqPush } from 'zeromq';
import { checkOptions } from '../rules/check.ts';
import { lifeOf, outboxOf } from './halves.ts';
import { type QueueOptions, queueChecks, type SocketOptions, socketChecks } from './options.ts';
import type { Outbox, SendOptions } from './outbox.ts';
import { opened, TypedSocket } from './socket.ts';

/** Options of a {@link Push}. All may be left out. */
export interface PushOptions<T> extends SocketOptions<T>, QueueOptions {}

const checks = { ...socketChecks, ...queueChecks };

/** The sending end of a pipeline. */
export class Push<T = unknown> extends TypedSocket<ZmqPush> {
  readonly #outbox: Outbox<T>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: PushOptions<T> = {}) {
    checkOptions('Push', options, checks);
    const life = lifeOf(ZmqPush, 'Push', options, { immediate: true });
    const outbox = outboxOf<T>(life, 'Push', options);
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
