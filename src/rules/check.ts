/**
 * Check: options are checked once, and a bad one is named with the rule and with what came instead.
 *
 * A check is a function that answers with the rule that was broken, or with nothing. Unknown keys
 * are refused: in plain JavaScript a misspelt option would otherwise do nothing, in silence.
 */
import { BrokerlessError } from '../errors.ts';

/** Answers with the rule that `value` breaks, such as `a boolean`; undefined if it breaks none. */
export type Check = (value: unknown) => string | undefined;

/** The checks of an options object, by option name. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/** A whole number from `min` to `max`. */
export const integer =
  (min: number, max: number = Number.MAX_SAFE_INTEGER): Check =>
  (value) => {
    const fits = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
    if (fits) return undefined;
    const upTo = max === Number.MAX_SAFE_INTEGER ? ' up' : ` to ${max}`;
    return `a whole number from ${min}${upTo}`;
  };

/** True or false. */
export const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'a boolean');

/** One of some words. */
export const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? undefined : `one of ${words.map(show).join(', ')}`;

/** A function. */
export const callback: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

/** A string with something in it. */
export const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a non-empty string';

/** An object or a function that has each of `methods`; `what` says what it is for. */
export const shaped =
  (what: string, ...methods: readonly string[]): Check =>
  (value) =>
    methods.every((name) => isCallable(value, name)) ? undefined : what;

/** Any iterable, async iterable or stream. */
export const iterable: Check = (value) => {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(value);
  const isOne = typeof later === 'function' || typeof now === 'function';
  return isOne ? undefined : 'an iterable or async iterable';
};

/** Either of two checks. */
export const either =
  (one: Check, other: Check): Check =>
  (value) => {
    const first = one(value);
    const second = other(value);
    return first === undefined || second === undefined ? undefined : `${first}, or ${second}`;
  };

/**
 * Checks `options` and returns them. An option that is undefined counts as left out.
 *
 * @throws BrokerlessError `BAD_OPTION` that names `owner`, the option, the rule and what came.
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  checks: Checks<Options>,
): Options {
  if (typeof options !== 'object' || options === null) {
    throw new BrokerlessError(
      'BAD_OPTION',
      `${owner}: options must be an object, got ${show(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    checkOption(owner, name, value, checks);
  }
  return options;
}

function checkOption(owner: string, name: string, value: unknown, checks: object): void {
  if (!Object.hasOwn(checks, name)) {
    const known = Object.keys(checks).join(', ');
    throw new BrokerlessError(
      'BAD_OPTION',
      `${owner}: unknown option ${show(name)}; known are ${known}`,
    );
  }
  const check: Check = checks[name as keyof typeof checks];
  if (value !== undefined) checkArgument(owner, name, value, check);
}

/**
 * Checks one argument that may not be left out.
 *
 * @throws BrokerlessError `BAD_OPTION` that names `owner`, the argument, the rule and what came.
 */
export function checkArgument(owner: string, name: string, value: unknown, check: Check): void {
  const rule = check(value);
  if (rule === undefined) return;
  throw new BrokerlessError('BAD_OPTION', `${owner}: ${name} must be ${rule}, got ${show(value)}`);
}

function isCallable(value: unknown, name: string): boolean {
  return typeof Reflect.get(Object(value), name) === 'function';
}

/** A value as an error message shows it: short, quoted if text, and never an exception. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
