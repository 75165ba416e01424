/**
 * Subscriber: receives what is published on the topics it subscribed to, as `{ topic, value }`.
 *
 * A subscription is to all topics that begin with it, byte by byte. What came before it was in place,
 * and what overflows while the subscriber is slow, is lost; of the latter our publishers' numbers tell
 * exactly how much, across reconnects and restarts (`stats().missed`, `onMissed`). At most once.
 *
 * Spec: rfc.zeromq.org/spec/29 (SUB).
 */
import { Subscriber as ZmqSubscriber } from 'zeromq';
import { closedError } from '../errors.ts';
import { callback, checkOptions, integer } from '../rules/check.ts';
import { Gaps } from '../rules/gaps.ts';
import { hear } from '../run/hear.ts';
import { iterate } from '../run/iterate.ts';
import type { WaitOptions } from '../run/wait.ts';
import { decodeSequence } from '../wire/sequence.ts';
import { MAX_TOPIC_BYTES, topicBytes } from '../wire/topic-packer.ts';
import { EchoReader, type Readiness } from './echo.ts';
import { bodiesOf, lifeOf } from './halves.ts';
import { Inbox } from './inbox.ts';
import { holdAllSubscriptions } from './native.ts';
import { type SocketOptions, socketChecks, type ValueOptions, valueChecks } from './options.ts';
import type { Topics } from './publisher.ts';
import type { ReceiveOptions } from './pull.ts';
import { checkWith } from './schema.ts';
import { opened, TypedSocket } from './socket.ts';
import type { SubscriberStats } from './stats.ts';

/** A value and its topic; which type the value has depends on the topic. */
export type Published<T extends object> = {
  readonly [Topic in keyof T & string]: { readonly topic: Topic; readonly value: T[Topic] };
}[keyof T & string];

/** What a subscriber has missed. */
export interface Missed {
  /** Of which topic. */
  readonly topic: string;
  /** How many values in a row. */
  readonly count: number;
}

/** Options of a {@link Subscriber}. All may be left out. */
export interface SubscriberOptions<T> extends SocketOptions<T>, ValueOptions<T> {
  /** Hears of values that were lost on their way here, when the next one of their topic arrives. */
  readonly onMissed?: ((missed: Missed) => void) | undefined;
  /**
   * How long `ready()` waits for publishers to confirm subscriptions, in milliseconds; ours do at
   * once, others never. Default 1000.
   */
  readonly echoMs?: number | undefined;
}

const checks = {
  ...socketChecks,
  ...valueChecks,
  onMissed: callback,
  echoMs: integer(1, 600_000),
};

/** The receiving end of publish and subscribe. `T` maps each topic to the type of its values. */
export class Subscriber<T extends object = Topics>
  extends TypedSocket<ZmqSubscriber, Readiness>
  implements AsyncIterable<Published<T>, undefined>
{
  readonly #raw: ZmqSubscriber;
  readonly #inbox: Inbox<Published<T>>;
  readonly #reader: EchoReader;
  readonly #gaps: Gaps;
  readonly #wanted = new Map<string, number>(); // How often each prefix is, in Latin-1.

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: SubscriberOptions<T[keyof T]> = {}) {
    checkOptions('Subscriber', options, checks);
    const life = lifeOf(ZmqSubscriber, 'Subscriber', { ...options, batch: false });
    holdAllSubscriptions(life.raw);
    const gaps = new Gaps(() => life.farEnds);
    const reader = new EchoReader(life, options.echoMs ?? 1000);
    const { unpacker, bodyOf } = bodiesOf(life, options);
    const check = options.schema && checkWith(options.schema, (reason) => life.fault(reason));
    let topic = '';
    const inbox = new Inbox<Published<T>>({
      owner: 'Subscriber',
      unpacker,
      read: () => reader.read(),
      ahead: () => reader.ahead,
      body: (frames) => {
        const [name, , number] = frames as readonly Buffer[];
        topic = name?.toString() ?? '';
        const sequence = options.codec === 'frames' ? undefined : decodeSequence(number);
        if (sequence === undefined || name === undefined || name.length > MAX_TOPIC_BYTES) {
          gaps.unnumbered();
        } else {
          const count = gaps.arrive(name.toString('latin1'), sequence);
          if (count > 0) hear(options.onMissed, { topic, count });
        }
        return bodyOf(sequence && frames.length === 3 ? frames.slice(0, 2) : frames, 1);
      },
      check: (values) => {
        gaps.read(values.length);
        const about = topic;
        const sign = (own: readonly unknown[]): Published<T>[] =>
          own.map((value) => ({ topic: about, value }) as Published<T>);
        const checked = check === undefined ? values : check(values);
        return checked instanceof Promise ? checked.then(sign) : sign(checked);
      },
      onFault: (reason) => {
        gaps.spoilt();
        life.fault(reason);
      },
    });
    super(life, { inbox }, options.drainMs);
    this.#raw = life.raw;
    this.#inbox = inbox;
    this.#reader = reader;
    this.#gaps = gaps;
  }

  /** A Subscriber that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<T extends object = Topics>(
    endpoint: string,
    options?: SubscriberOptions<T[keyof T]>,
  ): Promise<Subscriber<T>> {
    return opened(new Subscriber<T>(options), (subscriber) => subscriber.bind(endpoint));
  }

  /** A Subscriber connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<T extends object = Topics>(
    endpoint: string,
    options?: SubscriberOptions<T[keyof T]>,
  ): Promise<Subscriber<T>> {
    return opened(new Subscriber<T>(options), (subscriber) => subscriber.connect(endpoint));
  }

  /**
   * Subscribes to all topics that begin with each of `prefixes`; `''` is everything. To be asked for
   * before or after connecting, and asked anew by itself after a reconnect. When it is in place at the
   * publishers, {@link Subscriber.ready} tells.
   *
   * @throws BrokerlessError `BAD_VALUE` for what is no topic, `CLOSED` after `close`.
   */
  subscribe(...prefixes: readonly string[]): this {
    for (const prefix of this.#checked(prefixes)) {
      const name = prefix.toString('latin1');
      const times = this.#wanted.get(name) ?? 0;
      this.#wanted.set(name, times + 1);
      if (times === 0) this.#raw.subscribe(prefix); // ZeroMQ would count twice, and take back once.
    }
    return this;
  }

  /** Takes subscriptions back; one that was made several times must be taken back as often. Throws as `subscribe`. */
  unsubscribe(...prefixes: readonly string[]): this {
    for (const prefix of this.#checked(prefixes)) {
      const name = prefix.toString('latin1');
      const times = this.#wanted.get(name) ?? 0;
      if (times > 1) this.#wanted.set(name, times - 1);
      else if (this.#wanted.delete(name)) this.#raw.unsubscribe(prefix);
    }
    this.#gaps.forget((topic) => !this.#wants(topic));
    return this;
  }

  /**
   * Resolves once a publisher is connected and the subscriptions made so far are in place: with
   * `'subscribed'` if each connected publisher has confirmed that, with `'connected'` if one does not
   * answer within `echoMs`, as other libraries' publishers do not. Rejects with `TIMEOUT`, `ABORTED` or
   * `CLOSED`.
   */
  override ready(options: WaitOptions = {}): Promise<Readiness> {
    return this.#reader.confirm(options);
  }

  /** The next value. Rejects with `ABORTED`, or with `CLOSED` when the socket closes first. */
  receive(options: ReceiveOptions = {}): Promise<Published<T>> {
    return this.#inbox.receive(options.signal);
  }

  /**
   * The values as they come, until the socket is closed. Leaving the loop leaves the socket open, and
   * the next loop goes on where this one stopped. Several loops at once share the values.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Published<T>, undefined> {
    return iterate(this.#inbox);
  }

  /** The socket's numbers at this moment. */
  override stats(): SubscriberStats {
    return { ...super.stats(), missed: this.#gaps.missed };
  }

  #wants(topic: string): boolean {
    for (let length = 0; length <= topic.length; length += 1) {
      if (this.#wanted.has(topic.slice(0, length))) return true;
    }
    return false;
  }

  #checked(prefixes: readonly string[]): readonly Buffer[] {
    if (this.closed) throw closedError('Subscriber');
    return prefixes.map(topicBytes);
  }
}
