/**
 * Topic packer: values of topics in, messages out. A run of values of one topic shares a message, and a
 * value of another topic ends the run, so that order is kept across topics.
 */

import { BrokerlessError } from '../errors.ts';
import { show } from '../rules/check.ts';
import type { Message } from './batch.ts';
import type { Frozen, Packer } from './packer.ts';

/** A value and its topic. */
export interface Topical {
  /** What it is about. */
  readonly topic: string;
  /** The value. */
  readonly value: unknown;
}

interface FrozenTopical extends Frozen {
  readonly topic: string;
  readonly item: Frozen;
}

/** The longest topic, in bytes of UTF-8: both ends keep a number for each. */
export const MAX_TOPIC_BYTES = 1024;

/**
 * The bytes of a topic.
 *
 * @throws BrokerlessError `BAD_VALUE` for what is no text, longer than {@link MAX_TOPIC_BYTES}, or begins
 *   with NUL: such topics are the package's own.
 */
export function topicBytes(topic: string): Buffer {
  if (typeof topic === 'string' && topic.isWellFormed() && !topic.startsWith('\0')) {
    const bytes = Buffer.from(topic, 'utf8');
    if (bytes.length <= MAX_TOPIC_BYTES) return bytes;
  }
  const rule = `a string of up to ${MAX_TOPIC_BYTES} bytes that does not begin with NUL`;
  throw new BrokerlessError('BAD_VALUE', `a topic is ${rule}, got ${show(topic)}`);
}

const NONE = '\0'; // No topic is like this.

/** Packs runs of one topic; what packs their values is another packer. */
export class TopicPacker implements Packer<Topical> {
  readonly #values: Packer<unknown>;
  #topic: string = NONE;
  #frame: Uint8Array = new Uint8Array(0);

  /** @param packerOf Makes the packer of values, whose messages get their topic before them. */
  constructor(
    packerOf: (emit: (message: Message) => void) => Packer<unknown>,
    emit: (message: Message) => void,
  ) {
    this.#values = packerOf(({ frame, count, before = [] }) =>
      emit({ frame, count, before: [this.#frame, ...before] }),
    );
  }

  get count(): number {
    return this.#values.count;
  }

  get bytes(): number {
    return this.#values.bytes;
  }

  pack({ topic, value }: Topical, transfer: boolean): void {
    if (topic !== this.#topic || topic === NONE) this.#begin(topic);
    this.#values.pack(value, transfer);
  }

  freeze({ topic, value }: Topical, transfer: boolean): FrozenTopical {
    topicBytes(topic); // It may wait for long, and must not fail then.
    const item = this.#values.freeze(value, transfer);
    return { topic, item, length: item.length };
  }

  packItem({ topic, item }: FrozenTopical): void {
    if (topic !== this.#topic || topic === NONE) this.#begin(topic);
    this.#values.packItem(item);
  }

  seal(): void {
    this.#values.seal();
  }

  #begin(topic: string): void {
    const frame = topicBytes(topic);
    this.#values.seal();
    this.#topic = topic;
    this.#frame = frame;
  }
}
