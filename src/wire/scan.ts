/**
 * Scan: one look at the heads of a CBOR item, before anything is built from a stranger's bytes.
 *
 * cbor-x is quick and trusting: it spends quadratic time on bignums, revives regular expressions and
 * cycles by tag, and keeps record definitions that a peer sends. What passes this scan can do none of
 * that. The profile: definite lengths, depth at most {@link MAX_DEPTH}, the tags of {@link TAGS} each
 * around the kind of item it is made for, valid UTF-8, and of the simple values only false, true,
 * null and undefined. One loop, a fixed stack, and time linear in the length. RFC 8949 §3, §5.3.
 */
import { isUtf8 } from 'node:buffer';

/** How many containers may stand in one another. */
export const MAX_DEPTH = 32;

/** The longest bignum, in bytes of its magnitude: cbor-x decodes them in quadratic time. */
export const MAX_BIGNUM_BYTES = 64;

/**
 * The most keys other than text in one Set or Map; of several in one item, the squares may add up to the
 * square of this. V8 hashes numbers and BigInts without a secret, so a stranger can choose ones that all
 * collide, and building the Set takes quadratic time.
 */
export const MAX_HASHED_KEYS = 4096;

/** The tags of the profile; everything else that a tag could ask for is refused. */
export const TAGS = {
  dateText: 0,
  dateSeconds: 1,
  bignum: 2,
  negativeBignum: 3,
  bytes: 64,
  set: 258,
  map: 259,
} as const;

/** Why an item was refused: {@link scanItem} answers with one of these negative numbers. */
export const flaws: Readonly<Record<number, string>> = {
  [-1]: 'the bytes end before the item does',
  [-2]: `containers stand in one another more than ${MAX_DEPTH} deep`,
  [-3]: 'a length that is indefinite or reserved, or of eight bytes, or a lone break',
  [-4]: 'a tag outside the profile, or around the wrong kind of item',
  [-5]: `a bignum of more than ${MAX_BIGNUM_BYTES} bytes`,
  [-6]: 'text that is not valid UTF-8',
  [-7]: 'a simple value other than false, true, null and undefined',
  [-8]: `Sets or Maps with too many keys that are not text, more than ${MAX_HASHED_KEYS} in one`,
};

const TRUNCATED = -1;
const TOO_DEEP = -2;
const NOT_DEFINITE = -3;
const BAD_TAG = -4;
const LONG_BIGNUM = -5;
const BAD_TEXT = -6;
const BAD_SIMPLE = -7;
const TOO_MANY_KEYS = -8;

// What a container does with its items: nothing, or hash each, or hash every other.
const PLAIN = 0;
const SET = 1;
const MAP = 2;

// Of each container that we are in, the innermost last: the items still to come, what it does with
// them, and how many keys it has had that are not text.
const left = new Float64Array(MAX_DEPTH + 1);
const use = new Uint8Array(MAX_DEPTH + 1);
const keys = new Float64Array(MAX_DEPTH + 1);
let collisions = 0; // How many there can be at most among the keys so far.
let wideIntegers = false;

/**
 * Whether the item scanned last held an integer of eight bytes or a bignum. cbor-x decodes those to
 * BigInt even where a number would do, and only then is it worth walking the value to put that right.
 */
export function hadWideIntegers(): boolean {
  return wideIntegers;
}

/**
 * Scans the item that starts at `start` and must end by `end`. Returns where it ends, or a negative
 * number that {@link flaws} explains. Never throws.
 */
export function scanItem(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let depth = 0;
  let announced = PLAIN; // What a tag says that the next container will do.
  left[0] = 1;
  use[0] = PLAIN;
  collisions = 0;
  wideIntegers = false;
  for (;;) {
    if (at >= end) return TRUNCATED;
    const head = bytes[at++] as number;
    const major = head >> 5;
    let argument = head & 31;
    if (use[depth] !== PLAIN && isKeyTooMany(depth, major)) return TOO_MANY_KEYS;
    if (argument > 23) {
      const width = widthOf(major, argument);
      if (width < 0) return width;
      if (width > end - at) return TRUNCATED;
      if (major > 1 && major < 7) argument = readArgument(bytes, at, width);
      at += width;
    } else if (major === 7 && argument < 20) return BAD_SIMPLE;

    let inside = 0;
    if (major === 2 || major === 3) {
      if (argument > end - at) return TRUNCATED;
      if (major === 3 && !isText(bytes, at, at + argument)) return BAD_TEXT;
      at += argument;
    } else if (major === 4) inside = argument;
    else if (major === 5) inside = argument * 2;
    else if (major === 6) {
      const flaw = tagFlaw(bytes, at, end, argument);
      if (flaw !== 0) return flaw;
      inside = 1;
    }

    if (inside > 0) {
      if (inside > end - at) return TRUNCATED; // Every item takes a byte at least.
      if (depth === MAX_DEPTH) return TOO_DEEP;
      depth += 1;
      left[depth] = inside;
      use[depth] = announced;
      keys[depth] = 0;
    } else {
      depth = leave(depth);
      if (depth < 0) return at;
    }
    announced = major === 6 ? useOf(argument) : PLAIN;
  }
}

/** One item less to come, which may end its container, and the one around that. */
function leave(innermost: number): number {
  for (let depth = innermost; depth >= 0; depth -= 1) {
    const remaining = (left[depth] as number) - 1;
    left[depth] = remaining;
    if (remaining > 0) return depth;
  }
  return -1;
}

function isKeyTooMany(depth: number, major: number): boolean {
  const isKey = use[depth] === SET || (left[depth] as number) % 2 === 0;
  if (!isKey || major === 3) return false;
  const before = keys[depth] as number;
  keys[depth] = before + 1;
  collisions += before;
  return collisions > MAX_HASHED_KEYS ** 2 / 2;
}

/** How many bytes follow a head to say what its five bits cannot, or what is wrong with them. */
function widthOf(major: number, bits: number): number {
  if (bits > 27) return NOT_DEFINITE;
  if (bits === 24 && major === 7) return BAD_SIMPLE;
  if (bits < 27) return 1 << (bits - 24);
  if (major > 1 && major < 6) return NOT_DEFINITE; // cbor-x takes such a text for another.
  if (major < 2) wideIntegers = true;
  return 8;
}

function useOf(tag: number): number {
  if (tag === TAGS.set) return SET;
  if (tag === TAGS.map) return MAP;
  if (tag === TAGS.bignum || tag === TAGS.negativeBignum) wideIntegers = true;
  return PLAIN;
}

function readArgument(bytes: Uint8Array, at: number, width: number): number {
  let argument = 0;
  for (let i = at; i < at + width; i += 1) argument = argument * 256 + (bytes[i] as number);
  return argument;
}

// Most text is ASCII, and a loop over it is cheaper than a call; the rest goes to the library.
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] as number) > 127) return isUtf8(bytes.subarray(at, end));
  }
  return true;
}

/** Looks one head ahead: cbor-x trusts a tag to stand before the kind of item it is made for. */
function tagFlaw(bytes: Uint8Array, at: number, end: number, tag: number): number {
  if (at >= end) return TRUNCATED;
  const head = bytes[at] as number;
  const major = head >> 5;
  switch (tag) {
    case TAGS.dateText:
      return major === 3 ? 0 : BAD_TAG;
    case TAGS.dateSeconds:
      // cbor-x cannot make a date of seconds that take eight bytes.
      return (major < 2 && (head & 31) < 27) || (head >= 0xf9 && head <= 0xfb) ? 0 : BAD_TAG;
    case TAGS.bignum:
    case TAGS.negativeBignum:
      if (major !== 2) return BAD_TAG;
      if ((head & 31) < 24) return 0;
      if (at + 1 >= end) return TRUNCATED;
      return head === 0x58 && (bytes[at + 1] as number) <= MAX_BIGNUM_BYTES ? 0 : LONG_BIGNUM;
    case TAGS.bytes:
      return major === 2 ? 0 : BAD_TAG;
    case TAGS.set:
      return major === 4 ? 0 : BAD_TAG;
    case TAGS.map:
      return major === 5 ? 0 : BAD_TAG;
    default:
      return BAD_TAG;
  }
}
