/**
 * Checks of options: a bad one is named with its owner, the rule it breaks and what came instead.
 */
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import {
  boolean,
  type Check,
  callback,
  checkOptions,
  either,
  integer,
  oneOf,
  shaped,
  show,
  text,
} from '../../src/rules/check.ts';

interface Options {
  readonly size?: number | undefined;
  readonly mode?: 'slow' | 'fast' | undefined;
  readonly eager?: boolean | undefined;
  readonly onEnd?: (() => void) | undefined;
}

const checks = {
  size: integer(1, 10),
  mode: oneOf('slow', 'fast'),
  eager: boolean,
  onEnd: callback,
};

/** What is said of options as a program in JavaScript may give them. */
function complaint(options: unknown): string {
  try {
    checkOptions('Pump', options as Options, checks);
  } catch (error) {
    if (isBrokerlessError(error, 'BAD_OPTION')) return error.message;
    throw error;
  }
  throw new Error('the options were accepted');
}

describe('options', () => {
  test('that are good are returned as they are', () => {
    const options: Options = { size: 1, mode: 'fast', eager: false, onEnd: () => {} };
    expect(checkOptions('Pump', options, checks)).toBe(options);
    expect(checkOptions('Pump', {}, checks)).toEqual({});
  });

  test('that are undefined count as left out', () => {
    const options: Options = { size: undefined, mode: undefined, eager: undefined };
    expect(checkOptions('Pump', options, checks)).toBe(options);
  });

  test.each([
    [{ size: 0 }, 'Pump: size must be a whole number from 1 to 10, got 0'],
    [{ size: 11 }, 'Pump: size must be a whole number from 1 to 10, got 11'],
    [{ size: 1.5 }, 'Pump: size must be a whole number from 1 to 10, got 1.5'],
    [{ size: '5' }, 'Pump: size must be a whole number from 1 to 10, got "5"'],
    [{ size: 5n }, 'Pump: size must be a whole number from 1 to 10, got 5n'],
    [{ size: null }, 'Pump: size must be a whole number from 1 to 10, got null'],
    [{ size: Number.NaN }, 'Pump: size must be a whole number from 1 to 10, got NaN'],
    [{ mode: 'FAST' }, 'Pump: mode must be one of "slow", "fast", got "FAST"'],
    [{ mode: ['slow'] }, 'Pump: mode must be one of "slow", "fast", got an array'],
    [{ eager: 1 }, 'Pump: eager must be a boolean, got 1'],
    [{ eager: 'true' }, 'Pump: eager must be a boolean, got "true"'],
    [{ onEnd: {} }, 'Pump: onEnd must be a function, got an object'],
    [{ size: 1, eager: () => 1 }, 'Pump: eager must be a boolean, got a function'],
  ])('that break a rule are refused: %#', (options, message) => {
    expect(complaint(options)).toBe(message);
  });

  test.each(['sise', 'Size', 'toString', 'constructor', ''])(
    'that are unknown are refused, and the known ones told: "%s"',
    (name) => {
      const known = 'known are size, mode, eager, onEnd';
      expect(complaint({ size: 1, [name]: 1 })).toBe(`Pump: unknown option "${name}"; ${known}`);
    },
  );

  test('that are unknown are refused under the name __proto__ too', () => {
    const options: unknown = JSON.parse('{ "__proto__": { "size": 1 } }');
    expect(complaint(options)).toContain('unknown option "__proto__"');
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [5, '5'],
    ['size', '"size"'],
    [() => 1, 'a function'],
  ])('that are no object are refused: %s', (options, shown) => {
    expect(complaint(options)).toBe(`Pump: options must be an object, got ${shown}`);
  });
});

describe('a check', () => {
  const cases: readonly (readonly [Check, readonly unknown[], readonly unknown[], string])[] = [
    [
      integer(0),
      [0, 7, 2 ** 53 - 1],
      [-1, 0.5, 2 ** 53, Infinity, '1'],
      'a whole number from 0 up',
    ],
    [integer(-3, 3), [-3, 0, 3, -0], [-4, 4, null], 'a whole number from -3 to 3'],
    [boolean, [true, false], [0, 'true', null], 'a boolean'],
    [oneOf('a', 'b'), ['a', 'b'], ['c', '', 1, ['a']], 'one of "a", "b"'],
    [callback, [() => 1, Date], [{}, 'f', null], 'a function'],
    [text, ['x', ' '], ['', 1, null, new String('x')], 'a non-empty string'],
  ];

  test.each(cases)('passes and refuses values by its rule (%#)', (check, good, bad, rule) => {
    for (const value of good) expect(check(value)).toBeUndefined();
    for (const value of bad) expect(check(value)).toBe(rule);
  });

  test('of a shape asks for methods, inherited ones too, and of objects and functions alike', () => {
    const check = shaped('a clock', 'now', 'at');
    class Clock {
      now(): number {
        return 1;
      }
      at(): void {}
    }
    expect(check(new Clock())).toBeUndefined();
    expect(check(Object.assign(() => 1, { now: () => 1, at: () => 1 }))).toBeUndefined();
    for (const bad of [{}, { now: () => 1 }, { now: 1, at: () => 1 }, null, undefined, 'x', 5]) {
      expect(check(bad)).toBe('a clock');
    }
  });

  test('of two passes what either does, and otherwise tells both', () => {
    const check = either(oneOf('cbor'), shaped('a codec', 'encode'));
    expect(check('cbor')).toBeUndefined();
    expect(check({ encode: () => 1 })).toBeUndefined();
    expect(check('xml')).toBe('one of "cbor", or a codec');
  });
});

describe('a value in a message', () => {
  test.each([
    ['text', '"text"'],
    ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
    [5, '5'],
    [-0, '0'],
    [5n, '5n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [[1, 2], 'an array'],
    [{ a: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [new Date(), 'an object'],
  ])('is short and quoted if it is text: %o', (value: unknown, shown) => {
    expect(show(value)).toBe(shown);
  });

  test('is cut when it is long', () => {
    expect(show('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
    expect(show('x'.repeat(10_000))).toBe(`"${'x'.repeat(80)}…"`);
  });
});
