/**
 * Pacing: an open loop, that is, values leave when they are due and not when the last one is through.
 *
 * Value number i is due at `start + i / rate`, is stamped with that moment, and the receiver records
 * how long after it the value arrives. So a sender or a receiver that stalls is charged for every
 * value that was due meanwhile, which a loop that stamps what it manages to send would leave out
 * (coordinated omission).
 *
 * The loop is the same for all contestants but for the one function that sends:
 *
 *  1. sleep until the next value is due and `turnUs` have passed since it last woke;
 *  2. read the clock once and send all that is due by then, awaiting each send, because raw zeromq
 *     allows one at a time and because that is how people write it;
 *  3. let the event loop turn once (`setImmediate`), and begin again.
 *
 * Reading the clock once a round keeps a contestant who is late from sending on and on without a turn
 * of the event loop. Why sleep: a loop that spins keeps one core busy at any rate, and on a machine of
 * few cores the other three threads (the receiver and libzmq's two) then wait for the scheduler: raw
 * zeromq's own median at half its capacity was ten times worse so, on two cores. Why not a timer: its
 * millisecond would be most of what is measured. The kernel wakes the sleeper some 50 µs late, and
 * that is charged to all alike; at the lowest rate it is about half of what is seen. Why `turnUs`: where
 * something is due in every turn the loop never sleeps, and its 25,000 turns a second cost the program
 * that is measured more than its calls do. What that sleep adds is charged as well.
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { meter, type Usage } from './child.ts';
import { now } from './clock.ts';
import type { LatencyTask } from './job.ts';

/** Between the warm-up and the schedule, so that what is under way has arrived. */
const PAUSE_MS = 150;

/** Delays in microseconds, as one receiver saw them. */
export interface Delays extends Usage {
  readonly p50: number;
  readonly p99: number;
}

// The stamp: the moment that the value was due, as a double. Read and written byte by byte, since a
// value may stand anywhere in its message.
const due = new Float64Array(1);
const stamp = new Uint8Array(due.buffer);

/**
 * Sends the warm-up, then each value when it is due. Answers with what the schedule used.
 *
 * The rate of the warm-up grows from nothing to the whole: programs that are not compiled yet fall behind on the whole
 * one, and what is measured then is how they catch up.
 */
export async function sendOnSchedule(
  task: LatencyTask,
  send: (value: Uint8Array) => Promise<void>,
): Promise<() => Usage> {
  const { rate, warm } = task;
  const gap = 1e9 / rate;
  await sendPaced({ ...task, count: warm }, (n) => Math.sqrt(n / warm) * 2 * warm * gap, send);
  await delay(PAUSE_MS);
  const usage = meter();
  await sendPaced(task, (n) => n * gap, send);
  return usage;
}

/** Sends each value when it is due: `dueOf` its number, in nanoseconds from the beginning. */
async function sendPaced(
  { size, count, turnUs = 0 }: LatencyTask,
  dueOf: (n: number) => number,
  send: (value: Uint8Array) => Promise<void>,
): Promise<void> {
  const value = new Uint8Array(size); // Both contestants copy 16 bytes inside the call of send.
  const start = now();
  for (let sent = 0, wokeAt = 0; sent < count; await turn()) {
    sleepUntil(Math.max(start + dueOf(sent), wokeAt + turnUs * 1000));
    wokeAt = now();
    for (; sent < count && start + dueOf(sent) <= wokeAt; sent += 1) {
      due[0] = start + dueOf(sent);
      value.set(stamp);
      await send(value);
    }
  }
}

const alarm = new Int32Array(new SharedArrayBuffer(4)); // Nobody ever rings it.

function sleepUntil(moment: number): void {
  const ms = (moment - now()) / 1e6;
  if (ms > 0) Atomics.wait(alarm, 0, 0, ms);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Records how late each value of a schedule arrives, but for the first tenth: still warming up. */
export class Arrivals {
  readonly #delays = createHistogram();
  readonly #task: LatencyTask;
  readonly #usage = meter();
  #seen = 0;

  constructor(task: LatencyTask) {
    this.#task = task;
  }

  /** Takes one value. True of the last one. */
  take(value: Uint8Array): boolean {
    const { warm, count } = this.#task;
    for (let i = 0; i < stamp.length; i += 1) stamp[i] = value[i] ?? 0;
    this.#delays.record(Math.max(1, Math.round(now() - (due[0] ?? 0))));
    this.#seen += 1;
    if (this.#seen === warm + Math.floor(count / 10)) this.#delays.reset();
    return this.#seen === warm + count;
  }

  /** What came of it. */
  report(): Delays {
    const us = (percent: number): number => this.#delays.percentile(percent) / 1000;
    return { p50: us(50), p99: us(99), ...this.#usage() };
  }
}
