/**
 * Random: numbers that look drawn and are the same for the same seed, on every machine.
 *
 * The generator is sfc32, Chris Doty-Humphrey's small fast counting one. Each use has a generator of its
 * own, split off by name, so that drawing more for one thing shifts nothing that is drawn for another.
 */

/**
 * A generator of numbers from 0 up to but not including 1, each the next of a row that `seed` fixes. Give
 * it a text such as `7/workload` to split off one of many that have nothing to do with each other.
 */
export function seededRandom(seed: number | string): () => number {
  let [a, b, c, counter] = stateOf(String(seed));
  const next = (): number => {
    const drawn = (a + b + counter) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    counter = (counter + 1) | 0;
    return (drawn >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round += 1) next(); // Seeds that are alike drift apart.
  return next;
}

/** A whole number from `least` to `most`, both included. */
export function integerFrom(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** A number from 0 up, `mean` on average: what the time until the next of many rare things is like. */
export function exponential(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Four words of a text, by FNV-1a from four beginnings. */
function stateOf(text: string): [number, number, number, number] {
  return [hashOf(text, 0x811c9dc5), hashOf(text, 0x2f7a1e6b), hashOf(text, 0x5bd1e995), 1];
}

function hashOf(text: string, beginning: number): number {
  let hash = beginning | 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
