/**
 * What is measured in one process of the bench `codec`, and the values it is measured on.
 */
import { event } from '../support/values.ts';
import type { wayNames } from './ways.ts';

/** One contestant, one direction, one kind of value. */
export interface CodecJob {
  readonly way: (typeof wayNames)[number];
  readonly step: (typeof steps)[number];
  readonly subject: string;
}

/** What a contestant does with values. */
export const steps = ['encode', 'decode'] as const;

const makers: Readonly<Record<string, (i: number) => unknown>> = {
  'object {id, name, args, ts, ok}': event,
  'Uint8Array of 16 B': (i) => Buffer.alloc(16, i),
  'object of 20 rows, 2 KB': (i) => ({
    page: i,
    rows: Array.from({ length: 20 }, (_, n) => row(n)),
  }),
};

function row(n: number): object {
  return {
    id: 1000 + n,
    email: `someone.${n}@example.com`,
    balance: n * 12.75,
    active: n % 3 > 0,
    tags: ['new', 'eu'],
  };
}

/** The kinds of values. */
export const subjects: readonly string[] = Object.keys(makers);

/** How many values one call takes, so that the stopwatch costs nothing beside them. */
const VALUES = 100;

/** Values of one kind. */
export function valuesOf(subject: string): readonly unknown[] {
  const make = makers[subject];
  if (make === undefined) throw new Error(`no values of the kind "${subject}"`);
  return Array.from({ length: VALUES }, (_, i) => make(i));
}
