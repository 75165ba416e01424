/**
 * Dealer: sends values to its peers in turn and receives theirs, with no lockstep between the two.
 *
 * The asynchronous end of a conversation, with a Router or another Dealer at the far end. Both
 * directions have a bounded queue. What was handed to ZeroMQ for a peer that then dies is lost, and so
 * is what that peer sent and nobody has read: at most once. With codec `'frames'` a value is a whole
 * message, for protocols of one's own.
 *
 * Spec: rfc.zeromq.org/spec/28 (DEALER).
 */
import { Dealer as ZmqDealer } from 'zeromq';
import { checkOptions } from '../rules/check.ts';
import { iterate } from '../run/iterate.ts';
import { inboxOf, lifeOf, outboxOf } from './halves.ts';
import type { Inbox } from './inbox.ts';
import {
  type QueueOptions,
  queueChecks,
  type SocketOptions,
  socketChecks,
  type ValueOptions,
  valueChecks,
} from './options.ts';
import type { Outbox, SendOptions } from './outbox.ts';
import type { ReceiveOptions } from './pull.ts';
import { opened, TypedSocket } from './socket.ts';

/** Options of a {@link Dealer}. All may be left out. `codec` serves both directions. */
export interface DealerOptions<Out, In>
  extends SocketOptions<Out | In>,
    QueueOptions,
    ValueOptions<In> {}

const checks = { ...socketChecks, ...queueChecks, ...valueChecks };

/** One end of an asynchronous conversation: `Out` is what it sends, `In` what it receives. */
export class Dealer<Out = unknown, In = Out>
  extends TypedSocket<ZmqDealer>
  implements AsyncIterable<In, undefined>
{
  readonly #outbox: Outbox<Out>;
  readonly #inbox: Inbox<In>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: DealerOptions<Out, In> = {}) {
    checkOptions('Dealer', options, checks);
    const life = lifeOf(ZmqDealer, 'Dealer', options, { immediate: true, sendTimeout: 0 });
    const outbox = outboxOf<Out>(
      life,
      'Dealer',
      options as SocketOptions<Out> & QueueOptions,
      true,
    );
    const inbox = inboxOf<In>(life, 'Dealer', options as SocketOptions<In> & ValueOptions<In>);
    super(life, { outbox, inbox }, options.drainMs);
    this.#outbox = outbox;
    this.#inbox = inbox;
  }

  /** A Dealer that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<Out, In = Out>(
    endpoint: string,
    options?: DealerOptions<Out, In>,
  ): Promise<Dealer<Out, In>> {
    return opened(new Dealer(options), (dealer) => dealer.bind(endpoint));
  }

  /** A Dealer connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<Out, In = Out>(
    endpoint: string,
    options?: DealerOptions<Out, In>,
  ): Promise<Dealer<Out, In>> {
    return opened(new Dealer(options), (dealer) => dealer.connect(endpoint));
  }

  /**
   * Sends `value` to one of the connected peers. Resolves when it has been accepted, which is at once
   * while there is room; what is accepted leaves in order. Sends need not be awaited.
   *
   * Rejects with `BAD_VALUE` or `TOO_LARGE` for a value that cannot travel, `QUEUE_FULL`, `ABORTED` or
   * `CLOSED`; the value has not been sent then.
   */
  send(value: Out, options?: SendOptions): Promise<void> {
    return this.#outbox.send(value, options);
  }

  /** The next value. Rejects with `ABORTED`, or with `CLOSED` when the socket closes first. */
  receive(options: ReceiveOptions = {}): Promise<In> {
    return this.#inbox.receive(options.signal);
  }

  /**
   * The values as they come, until the socket is closed. Leaving the loop leaves the socket open, and
   * the next loop goes on where this one stopped. Several loops at once share the values.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    return iterate(this.#inbox);
  }
}
