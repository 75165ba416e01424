/**
 * Topic packer: values of topics in, messages out. A run of values of one topic shares a message, and a
 * value of another topic ends the run, so that order is kept across topics.
 */

import { BrokerlessError } from '../errors.ts';
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

/** Packs runs of one topic; what packs their values is another packer. */
export class TopicPacker implements Packer<Topical> {
  readonly #values: Packer<unknown>;
  #topic: string | undefined;
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
    if (topic !== this.#topic) this.#begin(topic);
    this.#values.pack(value, transfer);
  }

  freeze({ topic, value }: Topical, transfer: boolean): FrozenTopical {
    const item = this.#values.freeze(value, transfer);
    return { topic, item, length: item.length };
  }

  packItem({ topic, item }: FrozenTopical): void {
    if (topic !== this.#topic) this.#begin(topic);
    this.#values.packItem(item);
  }

  seal(): void {
    this.#values.seal();
  }

  #begin(topic: string): void {
    if (typeof topic !== 'string' || !topic.isWellFormed() || topic.startsWith('\0')) {
      const what = 'a topic is a string that does not begin with NUL';
      throw new BrokerlessError('BAD_VALUE', what);
    }
    this.#values.seal();
    this.#topic = topic;
    this.#frame = Buffer.from(topic, 'utf8');
  }
}
