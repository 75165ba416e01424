/**
 * Listeners: whoever wants to hear of a pattern's events, by the name of the event.
 */
import { hear } from './hear.ts';

/** What can be listened to: for each event by name, what its listeners are told. */
export interface Listenable<Events extends object> {
  /** Calls `listener` at each such event. What it throws surfaces as an uncaught exception. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void;
  /** Calls it no longer. */
  off<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void;
}

/** Keeps listeners and calls them. */
export class Listeners<Events extends object> implements Listenable<Events> {
  readonly #all = new Map<keyof Events, Set<(event: never) => void>>();

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    const those = this.#all.get(name);
    if (those === undefined) this.#all.set(name, new Set([listener]));
    else those.add(listener);
  }

  off<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#all.get(name)?.delete(listener);
  }

  /** Tells all who listen to `name`. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const those = this.#all.get(name);
    if (those === undefined) return;
    for (const listener of those) hear(listener as (event: Events[Name]) => void, event);
  }
}
