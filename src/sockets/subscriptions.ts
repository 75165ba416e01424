/**
 * Subscriptions: who wants what from a publisher, as XPUB tells it.
 *
 *     01 topic    one subscriber more        00 topic    one fewer
 *
 * A topic that begins with NUL is private: a subscriber asks whether its subscriptions have arrived, and
 * is answered on it. What else peers send to a publisher makes no sense.
 */
import type { XPublisher } from 'zeromq';
import { closedError } from '../errors.ts';
import { checkArgument, integer } from '../rules/check.ts';
import { type Deferred, deferred } from '../run/running.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { type WaitOptions, waitFor } from '../run/wait.ts';
import { MAX_TOPIC_BYTES, topicBytes } from '../wire/topic-packer.ts';
import { type Lifecycle } from './lifecycle.ts';
import type { ReceivingHalf } from './socket.ts';
import { readFrom } from './transfer.ts';

interface Target {
  readonly topic: string;
  readonly count: number;
  readonly reached: Deferred<void>;
}

// How many topics are counted: a stranger may subscribe to any number of them.
const MAX_TOPICS = 100_000;

/** Reads and counts the subscriptions of one publisher. */
export class Subscriptions implements ReceivingHalf {
  readonly received = 0;
  bytesReceived = 0;
  readonly depth = 0;
  readonly #life: Lifecycle<XPublisher>;
  readonly #echo: (topic: Uint8Array) => void;
  readonly #counts = new Map<string, number>(); // By topic, in Latin-1.
  readonly #targets = new Set<Target>();
  #closed = false;

  /** @param echo Answers on a private topic. */
  constructor(life: Lifecycle<XPublisher>, echo: (topic: Uint8Array) => void) {
    this.#life = life;
    this.#echo = echo;
    void this.#listen();
  }

  /** Resolves once there are `count` subscriptions to exactly this topic. */
  async reach(
    count: number,
    { topic = '', ...wait }: WaitOptions & { topic?: string },
  ): Promise<void> {
    checkArgument('subscribers', 'count', count, integer(0));
    if (this.#closed) throw closedError('Publisher');
    const key = topicBytes(topic).toString('latin1');
    if ((this.#counts.get(key) ?? 0) >= count) return;
    const target: Target = { topic: key, count, reached: deferred<void>() };
    this.#targets.add(target);
    try {
      await waitFor(`${count} subscriptions`, target.reached.promise, wait);
    } finally {
      this.#targets.delete(target);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { reached } of this.#targets) reached.reject(closedError('Publisher'));
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      let frames: Buffer[];
      try {
        frames = await readFrom(this.#life);
      } catch {
        return; // The socket has been closed.
      }
      const [frame] = frames;
      if (frames.length === 1 && frame !== undefined) this.#hear(frame);
      else this.#life.fault(`a message of ${frames.length} frames to a publisher`);
      if (overdue(workOf(1, 0))) await nextTurn();
    }
  }

  #hear(frame: Buffer): void {
    this.bytesReceived += frame.length;
    const [verb] = frame;
    if (verb !== 0 && verb !== 1) this.#life.fault('a message to a publisher');
    else if (frame.length > 1 + MAX_TOPIC_BYTES) this.#life.fault('a subscription to a long topic');
    else if (frame[1] !== 0) this.#count(frame.toString('latin1', 1), verb === 1 ? 1 : -1);
    else if (verb === 1) this.#echo(Buffer.from(frame.subarray(1)));
  }

  #count(topic: string, change: number): void {
    const count = (this.#counts.get(topic) ?? 0) + change;
    if (count > 0 && (count > 1 || this.#counts.size < MAX_TOPICS)) this.#counts.set(topic, count);
    else this.#counts.delete(topic);
    for (const target of this.#targets) {
      if (target.topic === topic && count >= target.count) target.reached.resolve();
    }
  }
}
