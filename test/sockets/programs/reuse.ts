/**
 * A program that fills one buffer again and again and sends it, and checks at the other end that each
 * value is as it was when it was sent.
 */
import { Pull, Push } from 'brokerless';

const [endpoint = '', codecName = '', size = ''] = process.argv.slice(2);
const codec = codecName === 'raw' ? 'raw' : 'cbor';
const count = Number(size) > 10_000 ? 300 : 3000;

const pull = await Pull.bind<Uint8Array>(endpoint, { codec });
const push = await Push.connect<Uint8Array>(pull.endpoint, { codec });
const buffer = Buffer.alloc(Number(size));
const sending = (async () => {
  for (let n = 0; n < count; n += 1) {
    await push.send(buffer.fill(n % 251));
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  buffer.fill(255);
})();
let bad = 0;
for (let n = 0; n < count; n += 1) {
  const value = await pull.receive();
  const same = value.length === buffer.length && value.every((byte) => byte === n % 251);
  if (!same) bad += 1;
}
await sending;
console.log(JSON.stringify({ bad }));
await Promise.all([push.close(), pull.close()]);
