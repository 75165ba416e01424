/**
 * Tests of the shop: three services, of which two are killed while orders run.
 */
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Live } from './live.ts';

const MAIN = 'examples/shop/main.ts';
const PRICE = 12;

/** The numbers of the line of this name. */
const figuresOf = (main: Live, name: string): number[] => {
  const line = main.lines.find((each) => each.startsWith(`${name}: `)) ?? '';
  return [...line.matchAll(/\d+/g)].map(Number);
};

describe('a shop', { timeout: 90_000 }, () => {
  test('charges each order once, although its stock and its payment are killed', async () => {
    using main = new Live(MAIN);
    expect(await main.ends(), main.output).toBe(0);
    for (const victim of ['after 100 orders the stock', 'after 200 orders the payment']) {
      expect(main.lines).toContain(`${victim} was killed, and started again`);
    }
    const [asked, sold = 0, soldOut = 0, refused = 0] = figuresOf(main, 'orders');
    expect(asked).toBe(300);
    expect(sold + soldOut + refused).toBe(300);
    expect(sold).toBe(240); // All there is: eighty of each of three things.
    expect(refused).toBeGreaterThan(0);
    expect(figuresOf(main, 'payment')).toEqual([sold, sold * PRICE]);
    expect(figuresOf(main, 'stock')).toEqual([sold]);
    expect(figuresOf(main, 'watched')).toEqual([300, sold, soldOut + refused]);
    expect(figuresOf(main, 'asked again')).toHaveLength(2);
    expect(main.lines.at(-1)).toBe('the books balance: each order was charged once');
  });

  test.each([
    ['while they start', /, with ledgers in (.*)$/],
    ['in mid-run', /the stock (was killed)/],
  ])('takes its services along when it is killed %s', async (_, moment) => {
    using main = new Live(MAIN, '--orders', '300');
    await main.says(moment);
    main.kill('SIGKILL');
    expect(await main.ends()).toBe('SIGKILL'); // That is when the last of them has gone.
    await rm(await main.says(/, with ledgers in (.*)$/), { recursive: true });
  });
});
