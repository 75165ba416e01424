/**
 * Everything that can happen in a small world, in every order: see small-world.ts.
 */
import { expect, test } from 'vitest';
import { QueueRules } from '../../../patterns/paranoid-pirate/queue-rules.ts';
import { exhaust } from './exhaust.ts';
import { SmallWorld } from './small-world.ts';

// Enough for every run to come to its end.
const DEPTH = 30;

test(`two clients, two workers and a queue keep every promise in every order of ${DEPTH} events`, () => {
  const tried = exhaust(() => new SmallWorld((options) => new QueueRules(options)), DEPTH);
  expect(tried.cut, 'runs that have not come to an end').toBe(0);
  expect(tried.ends, 'ways in which it can end').toBeGreaterThan(10_000);
}, 60_000);
