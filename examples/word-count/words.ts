/**
 * Words: what a word is, how words are counted, and which are the most frequent.
 */

/** How often each word occurs, as one flat list: a word, its count, the next word, its count, … */
export type FlatCounts = readonly (string | number)[];

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The words of a text file: maximal runs of Unicode letters, each lower-cased once it is cut out.
 * Undefined if the bytes are not valid UTF-8.
 */
export function countWords(bytes: Uint8Array): { total: number; counts: FlatCounts } | undefined {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  const counts = new Map<string, number>();
  let total = 0;
  for (const [match] of text.matchAll(/\p{L}+/gu)) {
    const word = match.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
    total += 1;
  }
  return { total, counts: [...counts].flat() };
}

/** Adds the counts of one file to those of all. */
export function addCounts(all: Map<string, number>, counts: FlatCounts): void {
  for (let i = 0; i < counts.length; i += 2) {
    const word = String(counts[i]);
    all.set(word, (all.get(word) ?? 0) + Number(counts[i + 1]));
  }
}

/** The `limit` most frequent words with their counts; of equals, the one that sorts first. */
export function topWords(all: ReadonlyMap<string, number>, limit: number): [string, number][] {
  const ranked = [...all].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return ranked.slice(0, limit);
}
