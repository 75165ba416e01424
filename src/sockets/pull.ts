/**
 * Pull: collects values from all Push peers that are connected, fairly among them.
 *
 * In order from each peer. While nobody takes a value none is read, so a slow consumer slows its
 * producers down instead of filling its own memory.
 *
 * Spec: rfc.zeromq.org/spec/30 (PULL).
 */
import { Pull as ZmqPull } from 'zeromq';
import { checkOptions } from '../rules/check.ts';
import { iterate } from '../run/iterate.ts';
import { inboxOf, lifeOf } from './halves.ts';
import type { Inbox } from './inbox.ts';
import { type SocketOptions, socketChecks, type ValueOptions, valueChecks } from './options.ts';
import { opened, TypedSocket } from './socket.ts';

/** Options of a {@link Pull}. All may be left out. */
export interface PullOptions<T> extends SocketOptions<T>, ValueOptions<T> {}

/** How a value is waited for. */
export interface ReceiveOptions {
  /** Ends the wait with `ABORTED`. Nothing is lost by that: the next one who asks gets the value. */
  readonly signal?: AbortSignal | undefined;
}

const checks = { ...socketChecks, ...valueChecks };

/** The receiving end of a pipeline. */
export class Pull<T = unknown> extends TypedSocket<ZmqPull> implements AsyncIterable<T, undefined> {
  readonly #inbox: Inbox<T>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: PullOptions<T> = {}) {
    checkOptions('Pull', options, checks);
    const life = lifeOf(ZmqPull, 'Pull', options);
    const inbox = inboxOf<T>(life, 'Pull', options);
    super(life, { inbox }, options.drainMs);
    this.#inbox = inbox;
  }

  /** A Pull that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<T>(endpoint: string, options?: PullOptions<T>): Promise<Pull<T>> {
    return opened(new Pull(options), (pull) => pull.bind(endpoint));
  }

  /** A Pull that connects to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<T>(endpoint: string, options?: PullOptions<T>): Promise<Pull<T>> {
    return opened(new Pull(options), (pull) => pull.connect(endpoint));
  }

  /** The next value. Rejects with `ABORTED`, or with `CLOSED` when the socket closes first. */
  receive(options: ReceiveOptions = {}): Promise<T> {
    return this.#inbox.receive(options.signal);
  }

  /**
   * The values as they come, until the socket is closed. Leaving the loop leaves the socket open, and
   * the next loop goes on where this one stopped. Several loops at once share the values.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return iterate(this.#inbox);
  }
}
