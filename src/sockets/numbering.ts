/**
 * Numbering: puts behind each message of a publisher where it stands among those of its topic.
 */
import { MAX_TOPICS } from '../rules/gaps.ts';
import type { Message } from '../wire/batch.ts';
import { encodeSequence } from '../wire/sequence.ts';

const NOTHING = new Uint8Array(0);

/** Numbers the messages of one publisher. */
export class Numbering {
  readonly #epoch: Uint8Array;
  readonly #numbered: boolean;
  readonly #sent = new Map<string, number>(); // Values by topic.
  #topic: Uint8Array = NOTHING; // Of the last message, and its name: most messages follow one of their topic.
  #name = '';

  constructor(epoch: Uint8Array, numbered: boolean) {
    this.#epoch = epoch;
    this.#numbered = numbered;
  }

  /** The frames of a message that is sent now. */
  framesOf({ frame, count, before = [] }: Message): Uint8Array[] {
    const frames = [...before, frame];
    if (!this.#numbered && count > 0) return frames;
    const first = count === 0 ? 0 : this.#count(before[0] as Uint8Array, count);
    return [...frames, encodeSequence(this.#epoch, first)];
  }

  /** What tells a subscriber that its subscription to `topic`, a private one, is in place. */
  echoOf(topic: Uint8Array): Message {
    return { before: [topic], frame: NOTHING, count: 0 };
  }

  #count(topic: Uint8Array, values: number): number {
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#name = Buffer.prototype.toString.call(topic, 'latin1');
    }
    const first = this.#sent.get(this.#name) ?? 0;
    this.#sent.set(this.#name, first + values);
    if (this.#sent.size > MAX_TOPICS) this.#forgetOne();
    return first;
  }

  #forgetOne(): void {
    const [oldest] = this.#sent.keys();
    if (oldest !== undefined) this.#sent.delete(oldest);
  }
}
