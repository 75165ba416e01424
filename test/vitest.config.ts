/**
 * Test configuration: `npm test` runs every test from source, under the package's own name.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { mutator } from './mutants/mutator.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = ['@brokerless/source', 'node', 'import', 'module', 'default'];

// Tests without sockets or a clock: they only compute.
const pure = [
  'test/house.test.ts',
  'test/wire/!(bombs|hostile).test.ts', // Those two look how long it takes.
  'test/{broker,house,mutants,rules,testing}/**/*.test.ts',
  'test/patterns/*/{interleavings,simulation,*-rules,rules*,queue-*,worker-*}.test.ts',
];

// Tests that look how long something takes, or how soon it is noticed: a neighbour that installs or compiles on
// the other core would be measured with it.
const measured = [
  'test/patterns/{load-balancer,paranoid-pirate}/processes.test.ts',
  'test/patterns/paranoid-pirate/crowd.test.ts',
  'test/run/*.test.ts',
  'test/sockets/{closing,fair,memory,polite,publish-flood,request-polite,reply-serve}.test.ts',
  'test/sockets/{request-calls,subscribe-many,subscribe-missed,subscribe-ready}.test.ts',
  'test/wire/{bombs,hostile}.test.ts',
];

const project = {
  pool: 'forks',
  testTimeout: 20_000,
  hookTimeout: 20_000,
} as const;

export default defineConfig({
  root,
  plugins: mutator(root),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...project,
          name: 'pure',
          include: pure,
          maxWorkers: 2,
          isolate: false, // They share nothing but what they import.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...project,
          // They wait for what they expect for as long as it takes on a busy machine.
          name: 'patient',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**', ...pure, ...measured],
          maxWorkers: 3, // Of two cores: they wait most of the time.
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...project,
          name: 'measured',
          include: measured,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
