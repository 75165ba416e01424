/**
 * A program that fills one buffer again and again and sends it, and checks at the other end that each
 * value is as it was when it was sent; for each size among its arguments.
 */
import { Pull, Push } from 'brokerless';

const [endpoint = '', codecName, ...sizes] = process.argv.slice(2);
const codec = codecName === 'raw' ? 'raw' : 'cbor';

/** How many of the values arrive other than they were sent. */
async function countBad(size: number): Promise<number> {
  const count = size > 10_000 ? 300 : 3000;
  await using pull = await Pull.bind<Uint8Array>(endpoint, { codec });
  await using push = await Push.connect<Uint8Array>(pull.endpoint, { codec });
  const buffer = Buffer.alloc(size);
  const sending = (async () => {
    for (let n = 0; n < count; n += 1) {
      await push.send(buffer.fill(n % 251));
      if (n % 100 === 0) await new Promise(setImmediate);
    }
    buffer.fill(255);
  })();
  let bad = 0;
  for (let n = 0; n < count; n += 1) {
    const value = Buffer.from(await pull.receive());
    if (!value.equals(Buffer.alloc(size, n % 251))) bad += 1;
  }
  await sending;
  return bad;
}

const results: unknown[] = [];
for (const size of sizes.map(Number)) results.push({ size, bad: await countBad(size) });
console.log(JSON.stringify(results));
