/**
 * Number map: a map by numbers that are counted up, such as those of items, which come and go mostly in order.
 *
 * A `Map` whose oldest entries go all the time makes itself anew again and again, and each table that it leaves
 * behind keeps all that was in it from being collected young. Here a place is used again when its number has gone.
 *
 *     number & mask ──▶ [ place ]   taken by one that stays ──▶ strays
 */

const LEAST_PLACES = 64;
// So many are not worth being given up: they will be needed again soon.
const KEPT_PLACES = 1 << 14;
const NOBODY = -1;

/** A map whose keys are whole numbers from 0. */
export class NumberMap<T> {
  #numbers: number[] = placesFor(LEAST_PLACES, NOBODY);
  #values: (T | undefined)[] = placesFor<T | undefined>(LEAST_PLACES, undefined);
  #mask = LEAST_PLACES - 1;
  #placed = 0;
  readonly #strays = new Map<number, T>(); // Those that stayed until their place was needed.

  /** How many there are. */
  get size(): number {
    return this.#placed + this.#strays.size;
  }

  /** The value of a number; undefined if it has none. */
  get(n: number): T | undefined {
    const at = n & this.#mask;
    if (this.#numbers[at] === n) return this.#values[at];
    return this.#strays.size === 0 ? undefined : this.#strays.get(n);
  }

  /** Gives a number its value, in place of the one it had. */
  set(n: number, value: T): void {
    const at = n & this.#mask;
    const other = this.#numbers[at] as number;
    if (other !== n && this.#strays.has(n)) this.#strays.set(n, value);
    else if (other === n || other === NOBODY) {
      if (other === NOBODY) this.#placed += 1;
      this.#numbers[at] = n;
      this.#values[at] = value;
    } else if (2 * this.#placed > this.#mask) {
      this.#resize(2 * (this.#mask + 1));
      this.set(n, value);
    } else if (other > n) this.#strays.set(n, value);
    else {
      this.#strays.set(other, this.#values[at] as T);
      this.#numbers[at] = n;
      this.#values[at] = value;
    }
  }

  /** Takes a number out. Returns whether it was there. */
  delete(n: number): boolean {
    const at = n & this.#mask;
    if (this.#numbers[at] !== n) return this.#strays.delete(n);
    this.#numbers[at] = NOBODY;
    this.#values[at] = undefined;
    this.#placed -= 1;
    // A crowd that has gone leaves no empty places behind.
    if (this.#mask >= KEPT_PLACES && this.#placed < this.#mask >> 4) {
      this.#resize((this.#mask + 1) >> 2);
    }
    return true;
  }

  /** Numbers and values, in the order of the numbers. */
  entries(): (readonly [number, T])[] {
    return this.#sorted().map((n) => [n, this.get(n) as T]);
  }

  /** The values, in the order of their numbers. */
  values(): T[] {
    return this.#sorted().map((n) => this.get(n) as T);
  }

  /** The numbers, in order. */
  #sorted(): number[] {
    const all = [...this.#strays.keys()];
    if (this.#placed > 0) for (const n of this.#numbers) if (n !== NOBODY) all.push(n);
    return all.toSorted(byNumber);
  }

  #resize(places: number): void {
    const all = this.entries();
    this.#strays.clear();
    this.#makePlaces(Math.max(LEAST_PLACES, places));
    for (const [n, value] of all) this.set(n, value);
  }

  #makePlaces(places: number): void {
    this.#numbers = placesFor(places, NOBODY);
    this.#values = placesFor<T | undefined>(places, undefined);
    this.#mask = places - 1;
    this.#placed = 0;
  }
}

// Not by `Array.from`, which takes eight times as long.
function placesFor<T>(count: number, empty: T): T[] {
  const places: T[] = [];
  for (let at = 0; at < count; at += 1) places.push(empty);
  return places;
}

function byNumber(one: number, other: number): number {
  return one - other;
}
