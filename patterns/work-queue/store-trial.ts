/**
 * Trial: a place at which a store is tried, opened time and again.
 */
import { systemClock, wallOffsetMs } from 'brokerless/kit';
import type { StoreRecord } from './item-rules.ts';
import type { Store } from './store.ts';
import { type Expected, faultIn } from './store-evidence.ts';

/** A place at which a store is tried. */
export class Trial<S extends Store> {
  /** When it was begun, by the world's clock. */
  readonly now: number = systemClock.now() + wallOffsetMs(systemClock);
  readonly #place: string;
  readonly #open: (place: string) => S | Promise<S>;
  #parts = 0;
  #last: S | undefined;

  constructor(place: string, open: (place: string) => S | Promise<S>) {
    this.#place = place;
    this.#open = open;
  }

  /** The name of the place. */
  get place(): string {
    return this.#parts === 0 ? this.#place : `${this.#place}part${this.#parts}`;
  }

  /** Goes on at a place that is new. */
  move(): void {
    this.#parts += 1;
  }

  /** Opens the store, and reads what it gives. */
  async open(): Promise<{ store: S; given: StoreRecord[] }> {
    const store = await this.#open(this.place);
    this.#last = store;
    const given: StoreRecord[] = [];
    for await (const record of store.load()) given.push(record);
    return { store, given };
  }

  /** Opens the store, expects it to give this, and leaves it open. */
  async opens(expected: Expected): Promise<{ store: S; given: StoreRecord[] }> {
    const opened = await this.open();
    const fault = faultIn(opened.given, expected, this.now);
    if (fault !== undefined) throw new Error(fault);
    return opened;
  }

  /** Opens the store, appends what it is given, and closes it. */
  async append(...batches: readonly (readonly StoreRecord[])[]): Promise<void> {
    const { store } = await this.open();
    for (const batch of batches) await store.append(batch);
    await store.close?.();
  }

  /** Opens the store, expects it to give this, and closes it. */
  async holds(expected: Expected): Promise<void> {
    const { store } = await this.opens(expected);
    await store.close?.();
  }

  /** Lets go of the store, which has not done what it should. */
  async giveUp(): Promise<void> {
    try {
      await this.#last?.close?.();
    } catch {} // It has been found wanting already.
  }
}
