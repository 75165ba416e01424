/**
 * Shop, a ledger: the last entry about each order, in a file that outlives the process that writes it.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Entries about orders. */
export class Ledger<Entry extends { readonly order: number }> {
  /** The last entry about each order, by its number. */
  readonly entries: Map<number, Entry>;
  readonly #file: number;

  /** @param path Its file, which need not be there yet. */
  constructor(path: string) {
    this.entries = new Map(entriesIn<Entry>(path).map((entry) => [entry.order, entry]));
    this.#file = openSync(path, 'a');
  }

  /** Writes one more. It survives a kill; for a power cut there would have to be an fsync. */
  write(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`); // In one piece: a kill leaves no half of it.
    this.entries.set(entry.order, entry);
  }
}

/** All that was ever written to the ledger in this file. */
export function entriesIn<Entry>(path: string): Entry[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
}
