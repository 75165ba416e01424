/**
 * Exchange: what both ends of a request stand on: bodies become values and back, one a message, and
 * what comes is counted.
 */
import type { Socket } from 'zeromq';
import { sumOfLengths } from '../wire/batch.ts';
import { bodyEncoder } from '../wire/packer.ts';
import { decodeBody, type Unpacker } from '../wire/unpacker.ts';
import { publishReceived, publishSent } from './diagnostics.ts';
import { bodiesOf } from './halves.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { ReadableSocket, WritableSocket } from './native.ts';
import { MAX_MESSAGE_BYTES } from './options.ts';
import { type BodyOptions, bodyCoding } from './request-options.ts';
import { checkOne } from './schema.ts';
import { readFrom, whole } from './transfer.ts';
import { Writer, type WriterOptions } from './writer.ts';

/** The messages of one socket that asks or answers: `Out` is what it sends, `In` what it receives. */
export class Exchange<Out, In> {
  /** Sends messages. */
  readonly writer: Writer;
  /** The body frame of a value. Throws `BAD_VALUE` or `TOO_LARGE`. */
  readonly encode: (value: Out) => Uint8Array;
  /** Bytes of the frames received. */
  bytesReceived = 0;
  readonly #life: Lifecycle<Socket & ReadableSocket & WritableSocket>;
  readonly #unpacker: Unpacker<In>;
  readonly #check: ((value: unknown) => In | Promise<In>) | undefined;

  constructor(
    life: Lifecycle<Socket & ReadableSocket & WritableSocket>,
    options: BodyOptions<Out, In>,
    writing: Omit<WriterOptions, 'onSent'>,
  ) {
    this.#life = life;
    this.writer = new Writer({
      ...writing,
      onSent: (values, bytes) => publishSent(life.endpoint, values, bytes),
    });
    this.encode = bodyEncoder<Out>(
      bodyCoding<Out>(options as BodyOptions<Out, never>),
      options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    );
    this.#unpacker = bodiesOf<In>(life, options as BodyOptions<never, In>).unpacker;
    this.#check = options.schema && checkOne(options.schema);
  }

  /** The next message; rejects when there will be none. One call at a time. */
  read(): Promise<Buffer[]> {
    return readFrom(this.#life);
  }

  /** A message that has been read, as it was before it was sent. */
  whole(frames: Buffer[]): readonly Uint8Array[] {
    return whole(this.#life, frames);
  }

  /** A message has been read. Answers with how many bytes it had. */
  count(frames: readonly Uint8Array[]): number {
    const bytes = sumOfLengths(frames);
    this.bytesReceived += bytes;
    publishReceived(this.#life.endpoint, bytes);
    return bytes;
  }

  /** The value of a body. Throws, or rejects, with what is wrong with it. */
  valueOf(body: Uint8Array): In | Promise<In> {
    const value = decodeBody(this.#unpacker, body);
    return this.#check === undefined ? value : this.#check(value);
  }

  /** A message was dropped because it made no sense. */
  fault(reason: string): void {
    this.#life.fault(reason);
  }
}
