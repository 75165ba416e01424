/**
 * Agenda: who is due next, among thousands. A binary heap by time.
 *
 * Each entry knows its place, so that it can be moved or taken out without being looked for. What is due
 * at the same time is due in no particular order, but in the same one on every run.
 *
 * Pure: time is an argument, in milliseconds.
 */

/** What can stand in an agenda; in one at a time. */
export interface Due {
  /** When it is due. Set by {@link Agenda.put} and by nobody else. */
  dueAt: number;
  /** Where it stands in the agenda; -1 for nowhere, which is what it has to begin with. */
  place: number;
}

/** Entries by the time at which they are due. */
export class Agenda<Entry extends Due> {
  readonly #heap: Entry[] = []; // None is due before its parent, which is at half its place.

  /** How many entries there are. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; undefined if there is none. */
  get deadline(): number | undefined {
    return this.#heap[0]?.dueAt;
  }

  /** Enters `entry` for `time`, or moves it there if it is entered already. */
  put(entry: Entry, time: number): void {
    const isNew = entry.place < 0;
    const sooner = time < entry.dueAt;
    entry.dueAt = time;
    if (isNew) {
      this.#heap.push(entry);
      this.#rise(entry, this.#heap.length - 1);
    } else if (sooner) this.#rise(entry, entry.place);
    else this.#sink(entry, entry.place);
  }

  /** Takes `entry` out. Nothing happens if it is not in. */
  remove(entry: Entry): void {
    const { place } = entry;
    if (place < 0) return;
    entry.place = -1;
    const last = this.#heap.pop() as Entry;
    if (last === entry) return;
    if (last.dueAt < entry.dueAt) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Takes out the first, if it is due by `now`. */
  shift(now: number): Entry | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueAt > now) return undefined;
    this.remove(first);
    return first;
  }

  /** Takes all out. */
  clear(): void {
    for (const entry of this.#heap) entry.place = -1;
    this.#heap.length = 0;
  }

  #rise(entry: Entry, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as Entry;
      if (parent.dueAt <= entry.dueAt) break;
      this.#set(parent, place);
      place = above;
    }
    this.#set(entry, place);
  }

  #sink(entry: Entry, from: number): void {
    const heap = this.#heap;
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      if (left >= heap.length) break;
      const leftAt = (heap[left] as Entry).dueAt;
      const below = right < heap.length && (heap[right] as Entry).dueAt < leftAt ? right : left;
      const child = heap[below] as Entry;
      if (child.dueAt >= entry.dueAt) break;
      this.#set(child, place);
      place = below;
    }
    this.#set(entry, place);
  }

  #set(entry: Entry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
