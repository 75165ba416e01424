/**
 * The simulations of `npm test`, with far more seeds: others every day, so that in time all are played.
 */
import { describe, expect, test } from 'vitest';
import { explore, faultKinds, report } from '../../src/testing/index.ts';
import { explorables } from '../patterns/scenarios.ts';

const SEEDS = 100_000;
const SLICE = 5000;
const DAY_MS = 86_400_000;

// The first seed of the day is told when a seed fails; `report` says how to play it again.
const first = (Math.floor(Date.now() / DAY_MS) % 10_000) * SEEDS + 1;
const kinds = faultKinds.filter((kind) => kind !== 'hostile');

describe.each(Object.entries(explorables))('%s, simulated', (_name, { scenario, options }) => {
  test.each(Array.from({ length: SEEDS / SLICE }, (_, slice) => first + slice * SLICE))(
    `keeps its promises in ${SLICE} bad weeks from seed %i on`,
    { timeout: 1_200_000 },
    (from) => {
      const { failure } = explore(scenario, { ...options, seeds: { from, count: SLICE }, kinds });
      expect(failure && report(failure)).toBeUndefined();
    },
  );
});
