/**
 * A clock whose hands a test turns itself, so that nothing waits and every run is the same.
 */
import type { Clock } from '../run/clock.ts';

interface Alarm {
  readonly time: number;
  readonly wake: () => void;
  /** During which advance it was set for a time that had passed; it goes off in the next. */
  readonly late: number | undefined;
}

/** A clock that stands still until it is told to advance. */
export class ManualClock implements Clock {
  #now: number;
  #alarms: Alarm[] = [];
  #advances = 0;

  /** @param now What it shows at first, in milliseconds. */
  constructor(now = 1000) {
    this.#now = now;
  }

  /** When the alarms that are set will go off, soonest first, in milliseconds. */
  get alarms(): number[] {
    return this.#alarms.map(({ time }) => time).toSorted((a, b) => a - b);
  }

  now(): number {
    return this.#now;
  }

  at(time: number, wake: () => void): () => void {
    const alarm = { time, wake, late: time <= this.#now ? this.#advances : undefined };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Turns the hands forward, stopping at each alarm on the way, those set meanwhile included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    this.#advances += 1;
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#now = Math.max(this.#now, due.time);
      due.wake();
    }
    this.#now = end;
  }

  #next(end: number): Alarm | undefined {
    const [soonest] = this.#alarms
      .filter(({ time, late }) => time <= end && late !== this.#advances)
      .toSorted((a, b) => a.time - b.time);
    this.#alarms = this.#alarms.filter((other) => other !== soonest);
    return soonest;
  }
}
