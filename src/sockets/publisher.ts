/**
 * Publisher: sends each value to all who subscribed to its topic, and to nobody else.
 *
 * A subscriber that is too slow loses values, at its own pipe, and nobody else does; the numbers that
 * travel along let it count them. A value that nobody has subscribed to yet is lost: where the topology
 * knows who must be there, wait with {@link Publisher.subscribers} or {@link Subscriber.ready} first.
 * At most once.
 *
 * Spec: rfc.zeromq.org/spec/29 (PUB, XPUB); the frames are told in `wire/sequence.ts`.
 */
import { randomBytes } from 'node:crypto';
import { XPublisher as ZmqXPublisher } from 'zeromq';
import { BrokerlessError } from '../errors.ts';
import { boolean, checkOptions, oneOf } from '../rules/check.ts';
import type { WaitOptions } from '../run/wait.ts';
import { packerFor } from '../wire/packer.ts';
import { EPOCH_BYTES } from '../wire/sequence.ts';
import { type Topical, TopicPacker } from '../wire/topic-packer.ts';
import { publishSent } from './diagnostics.ts';
import { lifeOf } from './halves.ts';
import { Numbering } from './numbering.ts';
import {
  codingFor,
  isBatched,
  MAX_MESSAGE_BYTES,
  MAX_QUEUE_BYTES,
  type QueueOptions,
  queueChecks,
  type SocketOptions,
  socketChecks,
} from './options.ts';
import { Outbox, type SendOptions } from './outbox.ts';
import { patiently } from './patience.ts';
import { opened, TypedSocket } from './socket.ts';
import { Subscriptions } from './subscriptions.ts';
import { writeFrames } from './transfer.ts';

/** What is published, where nobody says: the type of the values of each topic, by topic. */
export type Topics = Readonly<Record<string, unknown>>;

/** Options of a {@link Publisher}. All may be left out. */
export interface PublisherOptions<T>
  extends SocketOptions<T>,
    Pick<QueueOptions, 'batch' | 'maxQueueBytes'> {
  /**
   * What becomes of values for a subscriber whose pipe is full: `'drop'` (default) loses them for that
   * subscriber, which counts them; `'wait'` holds everything back until it has room, so that nobody
   * loses anything and the slowest subscriber sets the pace of all.
   */
  readonly overflow?: 'drop' | 'wait' | undefined;
  /**
   * Whether messages are numbered, so that our subscribers can count what they missed; others see a
   * third frame. Default true, but for codec `'frames'`, which has no frame to spare.
   */
  readonly numbered?: boolean | undefined;
}

const { batch, maxQueueBytes } = queueChecks;
const checks = {
  ...socketChecks,
  batch,
  maxQueueBytes,
  overflow: oneOf('drop', 'wait'),
  numbered: boolean,
};

function isNumbered<T>({ codec, numbered = codec !== 'frames' }: PublisherOptions<T>): boolean {
  if (!numbered || codec !== 'frames') return numbered;
  const rule = "Publisher: numbered must be false with codec 'frames', which has no frame to spare";
  throw new BrokerlessError('BAD_OPTION', rule);
}

/** The sending end of publish and subscribe. `T` maps each topic to the type of its values. */
export class Publisher<T extends object = Topics> extends TypedSocket<ZmqXPublisher> {
  readonly #outbox: Outbox<Topical>;
  readonly #subscriptions: Subscriptions;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: PublisherOptions<T[keyof T]> = {}) {
    checkOptions('Publisher', options, checks);
    const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    const life = lifeOf(
      ZmqXPublisher,
      'Publisher',
      { ...options, batch: false },
      {
        verbosity: 'allSubsUnsubs',
        noDrop: options.overflow === 'wait',
      },
    );
    const numbering = new Numbering(randomBytes(EPOCH_BYTES), isNumbered(options));
    const offer = (frames: Uint8Array[]): Promise<void> => writeFrames(life, frames);
    const write = options.overflow === 'wait' ? patiently(offer) : offer;
    const packing = { maxMessageBytes, deal: () => 1 };
    const outbox = new Outbox<Topical>({
      owner: 'Publisher',
      packer: (emit) =>
        new TopicPacker(
          (each) =>
            packerFor<unknown>(codingFor(options as SocketOptions<unknown>), isBatched(options), {
              ...packing,
              emit: each,
            }),
          emit,
        ),
      maxQueueBytes: options.maxQueueBytes ?? MAX_QUEUE_BYTES,
      overflow: 'wait',
      write: (message) => write(numbering.framesOf(message)),
      onSent: (values, bytes) => publishSent(life.endpoint, values, bytes),
    });
    const subscriptions = new Subscriptions(life, (topic) => outbox.post(numbering.echoOf(topic)));
    super(life, { outbox, inbox: subscriptions }, options.drainMs);
    this.#outbox = outbox;
    this.#subscriptions = subscriptions;
  }

  /** A Publisher that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<T extends object = Topics>(
    endpoint: string,
    options?: PublisherOptions<T[keyof T]>,
  ): Promise<Publisher<T>> {
    return opened(new Publisher<T>(options), (publisher) => publisher.bind(endpoint));
  }

  /** A Publisher connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<T extends object = Topics>(
    endpoint: string,
    options?: PublisherOptions<T[keyof T]>,
  ): Promise<Publisher<T>> {
    return opened(new Publisher<T>(options), (publisher) => publisher.connect(endpoint));
  }

  /**
   * Sends `value` to all who subscribed to a beginning of `topic`. Resolves when it has been accepted,
   * which is at once while there is room; what is accepted leaves in order. Sends need not be awaited.
   *
   * Rejects with `BAD_VALUE` or `TOO_LARGE` for a value or topic that cannot travel, `QUEUE_FULL`,
   * `ABORTED` or `CLOSED`; the value has not been sent then.
   */
  send<Topic extends keyof T & string>(
    topic: Topic,
    value: T[Topic],
    options?: SendOptions,
  ): Promise<void> {
    return this.#outbox.send({ topic, value }, options);
  }

  /**
   * Resolves once `count` subscriptions to exactly `topic` are in place; the empty topic, which is the
   * default, is a subscription to everything. Rejects with `TIMEOUT`, `ABORTED` or `CLOSED`.
   */
  subscribers(
    count: number,
    options: WaitOptions & { readonly topic?: string } = {},
  ): Promise<void> {
    return this.#subscriptions.reach(count, options);
  }
}
