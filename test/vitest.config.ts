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

// Tests of whole programs and of strangers, which wait for what they expect for as long as it takes on a busy
// machine; those of the pirates' processes that are killed measure how soon that is noticed.
const patient = [
  'test/{examples,package,upstream}/*.test.ts',
  'test/patterns/*.test.ts',
  'test/patterns/*/!(crowd|processes).test.ts',
  'test/patterns/{pipeline,tasks,work-queue}/processes.test.ts',
  'test/sockets/{facts,lifecycle,strangers-*,threads-ending}.test.ts',
];

const project = {
  pool: 'forks',
  isolate: false, // They share nothing but what they import.
  testTimeout: 90_000, // Longer than what a test waits for, which then says what that was.
  hookTimeout: 90_000,
} as const;

export default defineConfig({
  root,
  plugins: mutator(root),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    globalSetup: 'test/support/compile-programs.ts',
    projects: [
      {
        extends: true,
        test: {
          ...project,
          name: 'pure',
          include: pure,
          maxWorkers: 2,
          execArgv: ['--min-semi-space-size=16'], // Simulated weeks make much that is garbage at once.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...project,
          name: 'patient',
          include: patient,
          exclude: pure,
          maxWorkers: 3, // Of two cores: they wait most of the time.
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...project,
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**', ...pure, ...patient],
          // One file at a time: some tests measure how long a timer was kept waiting, and a neighbour
          // that installs or compiles on the other core would be measured with it.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
