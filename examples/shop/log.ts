/**
 * Shop, the log: what has happened, for any number of readers who each follow it from where they like.
 */
import { EventEmitter, once } from 'node:events';
import type { Happening } from './contracts.ts';

/** What has happened so far. It forgets nothing: a shop that stays open would have to. */
export class Log {
  readonly #happenings: Happening[] = [];
  readonly #news = new EventEmitter();

  /** Adds one. */
  add(happening: Happening): void {
    this.#happenings.push(happening);
    this.#news.emit('more');
  }

  /** Those from number `from` on, and then each that happens, until `signal` fires. */
  async *follow(from: number, signal: AbortSignal): AsyncGenerator<Happening> {
    for (let next = from; ; next += 1) {
      while (next >= this.#happenings.length) await once(this.#news, 'more', { signal });
      yield this.#happenings[next] as Happening;
    }
  }
}
