/**
 * Crew rules: when a process that has ended is started again, and when that is given up.
 *
 * A process that dies is replaced at once; at a place where one after the other dies soon after its start, the
 * waits grow. A file that cannot start at all must not go on for ever: after so many quick deaths in a row,
 * all places together and no process living on meanwhile, the crew gives up.
 *
 * Pure: the processes are in crew.ts.
 */
import { type BackoffOptions, backoffMs } from 'brokerless/kit';

/** What the rules of a crew are told at the start. */
export interface CrewRulesOptions {
  /** How the waits grow at a place where processes keep dying quickly. */
  readonly restart: BackoffOptions;
  /** A process that lives so long has started well, in milliseconds. */
  readonly steadyMs: number;
  /** After how many quick deaths in a row the crew gives up. */
  readonly maxQuickDeaths: number;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** One place of the crew, which one process after the other takes. */
interface Place {
  /** When its process was started; undefined while there is none. */
  startedAt: number | undefined;
  /** How many processes in a row have died here, the last ones soon after their start. */
  deaths: number;
}

/** The decisions of a crew of processes. */
export class CrewRules {
  readonly #options: CrewRulesOptions;
  readonly #places = new Map<number, Place>();
  #quickDeaths = 0; // In a row, of all places.

  constructor(options: CrewRulesOptions) {
    this.#options = options;
  }

  /** Quick deaths since a process last started well. */
  get quickDeaths(): number {
    return this.#quickDeaths;
  }

  /** A process has been started at a place. */
  started(place: number, now: number): void {
    this.#at(place).startedAt = now;
  }

  /**
   * The process of a place has ended. The answer is how many milliseconds to wait before the next is started
   * there, or that none shall be.
   */
  ended(place: number, now: number): number | 'give up' {
    const here = this.#at(place);
    if (this.#isAnySteady(now)) this.#quickDeaths = 0;
    if (this.#isSteady(here, now)) here.deaths = 0;
    else this.#quickDeaths += 1;
    here.startedAt = undefined;
    here.deaths += 1;
    if (this.#quickDeaths >= this.#options.maxQuickDeaths) return 'give up';
    if (here.deaths === 1) return 0;
    return backoffMs(here.deaths - 1, this.#options.restart, this.#options.random());
  }

  /**
   * Somebody knows that processes of this crew do their work: those that die have at least started. The waits
   * grow all the same, for they may die of that work.
   */
  thrives(): void {
    this.#quickDeaths = 0;
  }

  #at(place: number): Place {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    const fresh = { startedAt: undefined, deaths: 0 };
    this.#places.set(place, fresh);
    return fresh;
  }

  #isSteady({ startedAt }: Place, now: number): boolean {
    return startedAt !== undefined && now - startedAt >= this.#options.steadyMs;
  }

  #isAnySteady(now: number): boolean {
    return [...this.#places.values()].some((place) => this.#isSteady(place, now));
  }
}
