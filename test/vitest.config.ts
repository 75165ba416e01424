/**
 * Test configuration: `npm test` runs every test from source, under the package's own name.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { mutator } from './mutants/mutator.ts';

const source = ['@brokerless/source', 'node', 'import', 'module', 'default'];

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  plugins: mutator(root),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    pool: 'forks',
    // One file at a time: some tests measure how long a timer was kept waiting, and a neighbour
    // that installs or compiles on the other core would be measured with it.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
