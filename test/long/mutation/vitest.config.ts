/**
 * Test configuration for mutants: the tests that only compute, and take no long time to. A mutant that only
 * a simulation would notice has no test that says what is wrong.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = ['@brokerless/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: [
      'test/{broker,rules}/*.test.ts',
      'test/patterns/lazy-pirate/{*-rules,rules*,replies,servers}.test.ts',
      'test/patterns/load-balancer/{rules*,*-rules}.test.ts',
      'test/patterns/paranoid-pirate/{queue-*,worker-*}.test.ts',
      'test/patterns/pipeline/{*-rules,rules-*,silence}.test.ts',
      'test/patterns/service/*-rules.test.ts',
      'test/patterns/work-queue/{*-rules,hub-*,messages}.test.ts',
    ],
    setupFiles: ['test/long/mutation/setup.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 20_000,
  },
});
