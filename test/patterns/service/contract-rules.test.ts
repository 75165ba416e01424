/**
 * Tests of the rules of contracts: what methods may be called, and when two sides mean the same.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashOf,
  mismatchOf,
  nameFault,
  type Offer,
  signatureOf,
} from '../../../patterns/service/contract-rules.ts';

const signatures = [signatureOf('call', 'add'), signatureOf('stream', 'primes')];

const offer: Offer = {
  name: 'math',
  version: '1',
  places: new Map(signatures.map((each, place) => [each, place])),
};

describe('the name of a method', () => {
  test.each(['add', 'a', 'Add_2', 'x'.repeat(100)])('may be %s', (name) => {
    expect(nameFault(name)).toBeUndefined();
  });

  test.each(['', '2add', '_add', 'add one', 'add-one', 'x'.repeat(101), 'é', 7, undefined])(
    'may not be %s',
    (name) => {
      expect(nameFault(name)).toMatch(/^a word of letters, digits and _/);
    },
  );

  test.each(['close', 'ready', 'stats', 'on', 'off', 'ask', 'servers', 'then'])(
    'may not be %s, which a client has itself',
    (name) => {
      expect(nameFault(name)).toContain(name);
    },
  );

  test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'])(
    'may not be %s, which every object has',
    (name) => {
      expect(nameFault(name)).toBeDefined();
    },
  );
});

describe('two sides', () => {
  test('mean the same if the client wants what there is', () => {
    expect(mismatchOf({ name: 'math', version: '1', signatures }, offer)).toBeUndefined();
    expect(mismatchOf({ name: 'math', version: '1', signatures: [] }, offer)).toBeUndefined();
  });

  test.each([
    [{ name: 'art' }, 'the client asks for "art", and this is "math"'],
    [{ version: '2' }, 'the client has version "2", the server "1"'],
    [{ signatures: ['call add', 'call sub'] }, 'the server has no "call sub"'],
    [{ signatures: ['event add'] }, 'the server has no "event add"'],
  ])('do not if the client has %j', (other, reason) => {
    expect(mismatchOf({ name: 'math', version: '1', signatures, ...other }, offer)).toBe(reason);
  });

  test('hear of some of what is missing, and how much more that is', () => {
    const many = Array.from({ length: 8 }, (_, n) => `call m${n}`);
    const reason = mismatchOf({ name: 'math', version: '1', signatures: many }, offer);
    expect(reason).toMatch(/^the server has no "call m0", .*"call m4" and 3 more$/);
  });
});

describe('the hash of a contract', () => {
  test('is the same for the same, in whatever order its methods are written', () => {
    expect(hashOf('math', '1', signatures)).toBe(hashOf('math', '1', signatures.toReversed()));
    expect(hashOf('math', '1', signatures)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is another for another name, version, method, or kind of method', () => {
    const others = [
      hashOf('math', '1', signatures),
      hashOf('mathe', '1', signatures),
      hashOf('math', '2', signatures),
      hashOf('math', '1', signatures.slice(1)),
      hashOf('math', '1', ['event add', 'stream primes']),
      hashOf('math', '1', ['call add', 'stream prime']),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  test('is another where any one word is', () => {
    const words = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 });
    const property = fc.property(words, fc.string(), ([one = '', other = ''], rest) => {
      expect(hashOf(one, rest, [])).not.toBe(hashOf(other, rest, []));
      expect(hashOf(rest, one, [])).not.toBe(hashOf(rest, other, []));
      expect(hashOf(rest, rest, [one])).not.toBe(hashOf(rest, rest, [other]));
    });
    fc.assert(property);
  });
});
