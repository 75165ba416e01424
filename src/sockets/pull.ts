/**
 * Pull: collects values from all Push peers that are connected, fairly among them.
 *
 * In order from each peer. While nobody takes a value none is read, so a slow consumer slows its
 * producers down instead of filling its own memory.
 *
 * Spec: rfc.zeromq.org/spec/30 (PULL).
 */
import { Pull as ZmqPull } from 'zeromq';
import { boolean, checkOptions } from '../rules/check.ts';
import { iterate } from '../run/iterate.ts';
import { unpackerFor } from '../wire/unpacker.ts';
import { publishReceived } from './diagnostics.ts';
import { Inbox } from './inbox.ts';
import { Lifecycle, readFrom } from './lifecycle.ts';
import {
  chosenCodec,
  MAX_MESSAGE_BYTES,
  nativeOptions,
  type SocketOptions,
  socketChecks,
} from './options.ts';
import { checkWith, isSchema, type Schema } from './schema.ts';
import { opened, TypedSocket } from './socket.ts';

/** Options of a {@link Pull}. All may be left out. */
export interface PullOptions<T> extends SocketOptions<T> {
  /**
   * Checks each value where it is received, by any library that speaks Standard Schema (zod, valibot,
   * arktype …). What it refuses is dropped, counted and offered to `onFault`. Default: no check.
   */
  readonly schema?: Schema<T> | undefined;
  /**
   * Whether byte strings are copies of their own. Default false: they are views of the message they
   * came in, to be read and not written, and one that is kept keeps all of that message (a batch is up
   * to 64 KiB). Over inproc they are always copies.
   */
  readonly copy?: boolean | undefined;
}

/** How a value is waited for. */
export interface ReceiveOptions {
  /** Ends the wait with `ABORTED`. Nothing is lost by that: the next one who asks gets the value. */
  readonly signal?: AbortSignal | undefined;
}

const checks = {
  ...socketChecks,
  schema: isSchema,
  copy: boolean,
};

/** The receiving end of a pipeline. */
export class Pull<T = unknown> extends TypedSocket<ZmqPull> implements AsyncIterable<T, undefined> {
  readonly #inbox: Inbox<T>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: PullOptions<T> = {}) {
    checkOptions('Pull', options, checks);
    const { schema } = options;
    const codec = chosenCodec(options);
    const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    const life = new Lifecycle(ZmqPull, {
      owner: 'Pull',
      native: nativeOptions(options, codec === 'cbor'),
      maxMessageBytes,
      insecure: options.insecure === true,
      onFault: options.onFault,
    });
    const onFault = (reason: string): void => life.fault(reason);
    const inbox = new Inbox<T>({
      owner: 'Pull',
      unpacker: unpackerFor(codec, {
        maxMessageBytes,
        copies: () => options.copy === true || life.inproc,
      }),
      read: () => readFrom(life),
      body: (frames) => {
        const [body] = frames;
        if (body !== undefined) publishReceived(life.endpoint, body.length);
        if (frames.length === 1) return body;
        onFault(`a message of ${frames.length} frames, where one was expected`);
        return undefined;
      },
      check: schema && checkWith(schema, onFault),
      onFault,
    });
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
