/**
 * Alarms: says when more waits than should, or waits longer.
 */
import { type Checks, type Clock, checkOptions, integer, surface } from 'brokerless/kit';

/** When to raise an alarm. Whatever is left out is not looked at. */
export interface Threshold {
  /** When so many items are ready and wait for a worker. */
  readonly depth?: number | undefined;
  /** When one has been ready for so many milliseconds. */
  readonly oldestMs?: number | undefined;
}

/** How much waits, and how long. */
export interface Alarm {
  /** How many items are ready and wait for a worker. */
  readonly depth: number;
  /** How long the one that is ready for longest has been, in milliseconds. */
  readonly oldestMs: number;
}

const thresholdChecks: Checks<Threshold> = { depth: integer(1), oldestMs: integer(1) };

const LOOK_MS = 100;

interface Watch {
  readonly threshold: Threshold;
  readonly listener: (alarm: Alarm) => void;
  isRaised: boolean;
}

/** Watches over what waits, ten times a second while anybody wants to know. */
export class Alarms {
  readonly #look: () => Alarm;
  readonly #clock: Clock;
  readonly #watches = new Set<Watch>();
  #cancel: (() => void) | undefined;

  /** @param look Tells how much waits. */
  constructor(look: () => Alarm, clock: Clock) {
    this.#look = look;
    this.#clock = clock;
  }

  /**
   * Calls `listener` once when a threshold is passed, and again when it is passed after less than half of it
   * had been waiting. Returns what ends that.
   *
   * @throws BrokerlessError `BAD_OPTION`.
   */
  add(threshold: Threshold, listener: (alarm: Alarm) => void): () => void {
    checkOptions('onThreshold', threshold, thresholdChecks);
    const watch = { threshold, listener, isRaised: false };
    this.#watches.add(watch);
    if (this.#cancel === undefined) this.#wait();
    return () => {
      this.#watches.delete(watch);
      if (this.#watches.size === 0) this.stop();
    };
  }

  /** Ends all of it. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(): void {
    this.#cancel = this.#clock.at(this.#clock.now() + LOOK_MS, () => {
      this.#wait();
      const alarm = this.#look();
      for (const watch of this.#watches) this.#judge(watch, alarm);
    });
  }

  #judge(watch: Watch, alarm: Alarm): void {
    const { threshold, listener } = watch;
    if (watch.isRaised) {
      watch.isRaised = isPassed(alarm, threshold, 0.5);
    } else if (isPassed(alarm, threshold, 1)) {
      watch.isRaised = true;
      try {
        listener(alarm);
      } catch (error) {
        surface(error);
      }
    }
  }
}

function isPassed(alarm: Alarm, { depth, oldestMs }: Threshold, share: number): boolean {
  const isDeep = depth !== undefined && alarm.depth >= depth * share;
  return isDeep || (oldestMs !== undefined && alarm.oldestMs >= oldestMs * share);
}
