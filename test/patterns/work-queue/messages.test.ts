/**
 * Tests of the messages of a work queue: each form, right and wrong. Anybody may send anything to an open port.
 */
import { Encoder } from 'cbor-x';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  idOf,
  numberOf,
  numbers,
  read,
  VERSION,
  welcome,
  word,
} from '../../../patterns/work-queue/messages.ts';

const bytes = Uint8Array.of(1, 2, 3);
const encoder = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
/** What another library writes. */
const frameOf = (...list: readonly unknown[]): Uint8Array => new Uint8Array(encoder.encode(list));
const readOf = (...list: readonly unknown[]) => read([frameOf(...list)])?.list;

/** Each message as it should be. What comes once for each of several things comes here twice. */
const forms: readonly (readonly [word: string, ...unknown[]])[] = [
  ['hello', VERSION, 'me'],
  ['put', 1, 1, bytes, null, 2, bytes, { key: 'k' }],
  ['ask', 1, 2],
  ['cancel', 1, 2],
  ['bye'],
  ['welcome', VERSION, 'life', 1000],
  ['accepted', 1, 7, 2, 8],
  ['refused', 1, 'QUEUE_FULL', 'why', 2, 'STORE_FAILED', ''],
  ['outcome', 1, 'done', 1, bytes, 2, 'lost', 0, new Uint8Array(0)],
  ['beat'],
  ['version', 2],
  ['ready', VERSION, 10],
  ['credit', 0],
  ['done', 1, 1, bytes, 2, 1, bytes],
  ['failed', 1, 1, bytes, 2, 1, bytes],
  ['discard', 1, 1, bytes, 2, 1, bytes],
  ['back', 1, 1, 2, 1],
  ['leave'],
  ['items', 1, 1, bytes, 2, 1, bytes],
  ['stop', 1, 1, 2, 1],
];

const others: readonly unknown[] = [null, true, -1, 0.5, 2 ** 53, 'x', bytes, [], {}, 1];

describe.each(forms)('%s', (...form) => {
  test('is read, piece by piece', () => {
    const list = readOf(...form);
    expect(read([frameOf(...form)])?.word).toBe(form[0]);
    expect(list?.map((each) => (each instanceof Uint8Array ? [...each] : each))).toEqual(
      form.map((each) => (each instanceof Uint8Array ? [...each] : each)),
    );
  });

  test('makes no sense with a piece more, with one less, or with bytes behind it', () => {
    const isOneEach = form[0] === 'ask' || form[0] === 'cancel';
    if (!isOneEach) expect(readOf(...form, 1)).toBeUndefined();
    if (!isOneEach && form.length > 1) expect(readOf(...form.slice(0, -1))).toBeUndefined();
    expect(read([Buffer.concat([frameOf(...form), Uint8Array.of(0)])])).toBeUndefined();
    expect(read([frameOf(...form), frameOf(...form)])).toBeUndefined();
    expect(read([frameOf(form)])).toBeUndefined();
  });

  test('makes no sense when it is cut off anywhere', () => {
    const frame = frameOf(...form);
    for (let end = 0; end < frame.length; end += 1) {
      expect(read([frame.subarray(0, end)])).toBeUndefined();
    }
  });

  test('makes no sense with a piece of another kind', () => {
    for (let at = 1; at < form.length; at += 1) {
      const kind = kindOf(form, at);
      for (const other of others.filter((each) => kindOf(['', each], 1) !== kind)) {
        const isOtherVersion = at === 1 && (form[0] === 'hello' || form[0] === 'ready');
        if (isOtherVersion) continue;
        const wrong = form.map((each, i) => (i === at ? other : each));
        expect(readOf(...wrong), `${JSON.stringify(other)} at ${at}`).toBeUndefined();
      }
    }
  });
});

/** What kind of piece stands at a place. */
function kindOf(form: readonly unknown[], at: number): string {
  const value = form[at];
  if (value === null) return 'object';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? 'count' : 'other number';
  }
  return typeof value === 'string' && form[0] === 'outcome' ? 'status' : typeof value;
}

describe('a message', () => {
  test('of one word that nobody knows makes no sense', () => {
    for (const said of ['', 'Hello', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(readOf(said)).toBeUndefined();
    }
    for (const said of [1, null, bytes, ['beat'], {}]) expect(readOf(said)).toBeUndefined();
  });

  test('about nothing is read: it changes nothing', () => {
    for (const said of ['ask', 'done', 'items', 'back', 'accepted']) {
      expect(readOf(said)).toEqual([said]);
    }
    expect(readOf('put', 1)).toEqual(['put', 1]);
  });

  test('may have numbers of every size that is safe', () => {
    for (const n of [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1]) {
      expect(readOf('ask', n)).toEqual(['ask', n]);
    }
    const [most] = numbers('ask', Number.MAX_SAFE_INTEGER);
    expect(read([most as Uint8Array])?.list).toEqual(['ask', Number.MAX_SAFE_INTEGER]);
  });

  test('of another version says so, whatever else it says', () => {
    expect(readOf('hello', 2, { all: 'new' })?.[1]).toBe(2);
    expect(readOf('ready', 9)?.[1]).toBe(9);
    expect(readOf('ready')).toBeUndefined();
    expect(readOf('hello', 'one', 'me')).toBeUndefined();
  });

  test('has byte strings that are views of its frame', () => {
    const frame = frameOf('items', 1, 1, bytes);
    const body = read([frame])?.list[3] as Uint8Array;
    expect(body.buffer).toBe(frame.buffer);
  });

  test('of no frame makes no sense', () => {
    expect(read([])).toBeUndefined();
    expect(read([new Uint8Array(0)])).toBeUndefined();
  });

  test('that claims to be of many pieces takes no time', () => {
    for (const head of [
      [0x9a, 0xff, 0xff, 0xff, 0xff],
      [0x9b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ]) {
      const ask = Buffer.concat([Uint8Array.from(head), frameOf('ask', 1).subarray(1)]);
      expect(read([ask])).toBeUndefined();
    }
  });
});

describe('wishes', () => {
  test.each([
    [{}],
    [{ key: 'k', unique: true, priority: 255, deadlineMs: 1, delayMs: 0, maxAttempts: 1 }],
    [{ outcome: true, something: 'new' }],
    [{ key: null, unique: null, priority: null, outcome: null }],
  ])('%j may be asked for', (wishes) => {
    expect(readOf('put', 1, 1, bytes, wishes)?.[4]).toEqual(wishes);
  });

  test.each([
    [{ key: 1 }],
    [{ unique: 'yes' }],
    [{ priority: 256 }],
    [{ priority: -1 }],
    [{ priority: 1.5 }],
    [{ deadlineMs: -1 }],
    [{ deadlineMs: 2 ** 60 }],
    [{ delayMs: '1' }],
    [{ maxAttempts: 0 }],
    [{ outcome: 1 }],
  ])('%j make no sense', (wishes) => {
    expect(readOf('put', 1, 1, bytes, wishes)).toBeUndefined();
  });

  test('are told apart, those alike and those too long to be kept in mind', () => {
    const long = { key: 'k'.repeat(100) };
    const all = [null, { priority: 1 }, { priority: 1 }, { priority: 2 }, long, long, null];
    const list = readOf('put', 1, ...all.flatMap((wishes, n) => [n, bytes, wishes]));
    expect(all.map((_, n) => list?.[4 + 3 * n])).toEqual(all);
  });

  test.each([['text'], [1], [true]])('are no %j', (wishes) => {
    expect(readOf('put', 1, 1, bytes, wishes)).toBeUndefined();
  });
});

describe('whatever arrives', () => {
  test('is read or makes no sense, and is never thrown about', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 3 }),
      (f) => {
        const said = read(f);
        if (said !== undefined) expect(said.list[0]).toBe(said.word);
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  test('be it a message with some bytes changed', () => {
    const form = fc.constantFrom(...forms);
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.property(form, changes, (list, all) => {
      const frame = frameOf(...list);
      for (const [at, to] of all) frame[at % frame.length] = to;
      const said = read([frame]);
      if (said === undefined || said.list[1] !== list[1]) return;
      expect(said.list[0]).toBe(said.word);
      for (const piece of said.list.slice(1)) expect(piece).not.toBeUndefined();
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('be it a list of anything', () => {
    const known = fc.constantFrom(...forms.map(([said]) => said));
    const rest = fc.array(fc.oneof(fc.anything(), fc.nat(), fc.string()), { maxLength: 9 });
    const property = fc.property(known, rest, (said, list) => {
      let frame: Uint8Array;
      try {
        frame = frameOf(said, ...list);
      } catch {
        return; // It cannot be written.
      }
      expect(() => read([frame])).not.toThrow();
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('what is written', () => {
  test('is read again', () => {
    expect(read(word('beat'))).toEqual({ word: 'beat', list: ['beat'] });
    expect(read(numbers('back', 1, 2))?.list).toEqual(['back', 1, 2]);
    expect(read(welcome('life', 100))?.list).toEqual(['welcome', VERSION, 'life', 100]);
  });
});

describe('the id of an item', () => {
  test('names the queue and the number, and is read again', () => {
    expect(idOf('life', 7)).toBe('life-7');
    expect(numberOf('life', 'life-7')).toBe(7);
    expect(numberOf('a-b', 'a-b-0')).toBe(0);
  });

  test.each([
    'life-',
    'life-07',
    'life-+7',
    'life-7.0',
    'life-1e3',
    'life- 7',
    'life--7',
    'life_7',
    'other-7',
    '7',
    '',
    `life-${2 ** 53}`,
  ])('is not %s', (id) => {
    expect(numberOf('life', id)).toBeUndefined();
  });

  test('of any queue and number is read again, by that queue alone', () => {
    const property = fc.property(fc.string(), fc.maxSafeNat(), (epoch, n) => {
      expect(numberOf(epoch, idOf(epoch, n))).toBe(n);
      expect(numberOf(`${epoch}x`, idOf(epoch, n))).toBeUndefined();
    });
    fc.assert(property);
  });
});
