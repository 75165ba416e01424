/**
 * Tests of what contracts cost the compiler: so much for each method, however many there are.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { temporaryFolder } from '../support/consumer.ts';
import { root } from '../support/root.ts';

/** A program with a contract of so many methods, each served and asked. */
function program(count: number): string {
  const each = (line: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => line(n)).join('\n');
  return `
    import { call, connectTo, contract, serve } from 'brokerless/patterns/service';
    const many = contract('many', {
      ${each((n) => `m${n}: call<{ readonly a${n}: number; readonly b: string }, { readonly c${n}: number }>(),`)}
    });
    export async function use(bind: string): Promise<number> {
      await serve(many, {
        ${each((n) => `m${n}: ({ a${n} }) => ({ c${n}: a${n} }),`)}
      }, { bind });
      const client = await connectTo(many, { to: bind });
      let sum = 0;
      ${each((n) => `sum += (await client.m${n}({ a${n}: ${n}, b: 'b' })).c${n};`)}
      return sum;
    }`;
}

const options = {
  extends: join(root, 'tsconfig.json'),
  compilerOptions: {
    paths: { 'brokerless/patterns/service': [join(root, 'patterns/service/index.ts')] },
    typeRoots: [join(root, 'node_modules/@types')],
  },
  include: ['program.mts'],
};

/** How many types and instantiations of types the compiler makes for it. */
async function cost(count: number): Promise<{ readonly types: number; readonly made: number }> {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'program.mts'), program(count));
  await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(options));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', folder.path, '--extendedDiagnostics'];
  const told = await run(process.execPath, args, { cwd: root });
  const figure = (name: string): number => Number(new RegExp(`${name}: +(\\d+)`).exec(told)?.[1]);
  return { types: figure('Types'), made: figure('Instantiations') };
}

test('two hundred calls cost the compiler twice as much as one hundred, and not much', {
  timeout: 120_000,
}, async () => {
  const [none, one, two] = [await cost(1), await cost(100), await cost(200)];
  const hundred = { types: one.types - none.types, made: one.made - none.made };
  const next = { types: two.types - one.types, made: two.made - one.made };
  expect(hundred.made).toBeGreaterThan(100);
  expect(next.types / hundred.types).toBeLessThan(1.2);
  expect(next.made / hundred.made).toBeLessThan(1.2);
  // A second of the compiler is some hundred thousand of these.
  expect(two.types - none.types).toBeLessThan(200 * 60);
  expect(two.made - none.made).toBeLessThan(200 * 400);
});
