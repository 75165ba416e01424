/**
 * Tests of the example that makes thumbnails of pictures, in threads.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const MAIN = 'examples/images/main.ts';

/** A picture whose left half is of one grey, and whose right half is of another. */
function picture(width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height }, (_, pixel) =>
    pixel % width < width / 2 ? 40 : 200,
  );
  return encode({ width, height, data, channels: 1 });
}

describe('thumbnails', { timeout: 90_000 }, () => {
  test('are made of each picture, and a file that is none is named', async () => {
    await using folder = await emptyTree();
    const [from, to] = ['from', 'to'].map((name) => join(folder.path, name)) as [string, string];
    await mkdir(from);
    const sizes = { wide: [640, 64], high: [16, 320], small: [8, 8] } as const;
    for (const [name, [width, height]] of Object.entries(sizes)) {
      await writeFile(join(from, `${name}.png`), picture(width, height));
    }
    await writeFile(join(from, 'broken.png'), 'no picture');
    using main = new Live(MAIN, from, to, '2');
    expect(await main.ends(), main.output).toBe(1);
    expect(main.output).toMatch(/^failed: .*broken\.png: wrong PNG signature$/m);
    expect(main.output).toMatch(/^3 of 4 thumbnails in \d+\.\d s$/m);

    const made = { wide: [64, 7], high: [4, 64], small: [8, 8] } as const;
    for (const [name, [width, height]] of Object.entries(made)) {
      const png = decode(await readFile(join(to, `${name}.png`)));
      expect(png).toMatchObject({ width, height });
      expect([png.data[0], png.data[width - 1]]).toEqual([40, 200]);
    }
  });

  test('of an empty folder are none', async () => {
    await using folder = await emptyTree();
    using main = new Live(MAIN, folder.path, join(folder.path, 'to'), '1');
    expect(await main.ends(), main.output).toBe(0);
    expect(main.output).toMatch(/^0 of 0 thumbnails in \d+\.\d s$/m);
    expect(main.lines).toHaveLength(1);
  });
});
