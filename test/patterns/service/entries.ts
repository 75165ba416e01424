/**
 * Entries: what is in a message of a client or a server, read by the table of the pattern's README and not by its code,
 * and written by hand.
 */
import { bodiesBy, type Frames, ListReader } from 'brokerless/kit';
import { entry, Letter } from '../../../patterns/service/messages.ts';

const bodies = bodiesBy<unknown, unknown>('cbor', 1 << 20);

/** Any value as an item of CBOR. */
export const itemOf = (value: unknown): Uint8Array => bodies.encode(value);

/** The value of an item of CBOR. */
export const valueOf = (item: Uint8Array): unknown => bodies.decode(item);

/** The value of an item of CBOR, for people: some can be read over and have no value. */
export function shown(item: Uint8Array): string {
  try {
    return String(valueOf(item));
  } catch {
    return 'senseless';
  }
}

/** One thing that is said: its name, and its pieces. */
export type Entry = readonly [name: keyof typeof entry, ...pieces: unknown[]];

// Of which kinds the pieces of each entry are: a number, text, or any item.
const forms: Readonly<Record<keyof typeof entry, string>> = {
  hello: 'tttu',
  call: 'uuuii',
  open: 'uuuuii',
  event: 'uuii',
  more: 'uu',
  cancel: 'u',
  ask: 'ut',
  quiet: '',
  bye: '',
  beat: '',
  welcome: 'ut',
  mismatch: 't',
  result: 'ui',
  failed: 'ui',
  refused: 'utt',
  begun: 'u',
  item: 'uui',
  end: 'uu',
  drain: '',
  answer: 'ui',
  unknown: '',
  mark: 'u',
};

const names = new Map(
  Object.entries(entry).map(([name, kind]) => [kind as number, name as keyof typeof entry]),
);

/** All that is said in a message. Throws if it makes no sense. */
export function entriesOf([frame]: Frames): Entry[] {
  const reader = new ListReader(frame as Uint8Array);
  if (reader.text() !== 'bs1') throw new Error('a message of another protocol');
  const all: Entry[] = [];
  while (reader.left > 0) {
    const name = names.get(reader.uint() ?? 0);
    if (name === undefined) throw new Error('an entry that nobody knows');
    const pieces = forms[name].split('').map((kind) => pieceOf(reader, kind));
    if (name === 'hello') {
      for (let left = pieces[3] as number; left > 0; left -= 1) pieces.push(reader.text());
    }
    all.push([name, ...pieces]);
  }
  if (!reader.isAtEnd) throw new Error('a message that is cut off');
  return all;
}

function pieceOf(reader: ListReader, kind: string): unknown {
  if (kind === 'u') return reader.uint();
  return kind === 't' ? reader.text() : reader.value();
}

/** A message in which all this is said; the pieces of `hello` are as many as it likes. */
export function messageOf(...entries: readonly Entry[]): Frames {
  const letter = new Letter();
  for (const each of entries) write(letter, each);
  return letter.take();
}

function write(letter: Letter, [name, ...pieces]: Entry): void {
  const list = letter.add(entry[name]);
  const form = name === 'hello' ? `tttu${'t'.repeat(pieces.length - 4)}` : forms[name];
  for (const [at, kind] of form.split('').entries()) {
    const piece = pieces[at];
    if (kind === 'u') list.uint(piece as number);
    else if (kind === 't') list.text(piece as string);
    else list.item(itemOf(piece));
  }
}
