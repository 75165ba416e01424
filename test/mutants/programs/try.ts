/**
 * Makes one mistake after the other and runs the test that must notice, all in one Vitest: to start one takes longer
 * than such a test.
 *
 *     try.ts [NAME…]
 *
 * Prints how the tests of that name ended, by the names of the mutants, as JSON.
 */
import { join } from 'node:path/posix';
import { createVitest } from 'vitest/node';
import { type Ended, mutants } from '../mutants.ts';
import { MUTANT_VARIABLE } from '../mutator.ts';

const root = process.cwd();
const names = process.argv.slice(2);
const tried = mutants.filter(({ name }) => names.includes(name));
const [first] = tried;
if (first !== undefined) process.env[MUTANT_VARIABLE] = first.name; // From the start: nothing is compiled then.
const options = {
  config: 'test/vitest.config.ts',
  root,
  watch: false,
  bail: 1,
  testTimeout: 60_000,
};
const vitest = await createVitest('test', { ...options, reporters: [{}] });
const ended: Record<string, Ended[]> = {};
for (const { name, file, test, named } of tried) {
  process.env[MUTANT_VARIABLE] = name;
  vitest.invalidateFile(join(root, file));
  vitest.setGlobalTestNamePattern(named.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const { testModules } = await vitest.runTestSpecifications(
    await vitest.globTestSpecifications([test]),
  );
  const all = testModules.flatMap(({ children }) => [...children.allTests()]);
  ended[name] = all
    .filter(({ fullName }) => fullName.replaceAll(' > ', ' ').includes(named))
    .map((each) => each.result().state);
  vitest.invalidateFile(join(root, file));
}
await vitest.close();
process.stdout.write(JSON.stringify(ended));
process.exit(0); // Vitest has set the code of tests that failed, as they were to.
