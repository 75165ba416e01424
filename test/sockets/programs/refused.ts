/**
 * A program that attempts ten million sends against a receiver that takes nothing, and measures by
 * how much its memory grew at most.
 */
import { Push } from 'brokerless';
import * as zmq from 'zeromq';

const ATTEMPTS = 10_000_000;

const pull = new zmq.Pull({ receiveHighWaterMark: 64 });
pull.bindSync('tcp://127.0.0.1:*');
const push = await Push.connect<Uint8Array>(pull.lastEndpoint ?? '', { overflow: 'reject' });
await push.ready();
const value = new Uint8Array(16);
for (let n = 0; n < 1000; n += 1) await push.send(value);
const before = process.memoryUsage.rss();
const start = performance.now();
let most = before;
for (let n = 0; n < ATTEMPTS; n += 1) {
  try {
    await push.send(value);
  } catch {
    if (n % 65_536 === 0) most = Math.max(most, process.memoryUsage.rss());
  }
}
const seconds = (performance.now() - start) / 1000;
const growth = Math.max(most, process.memoryUsage.rss()) - before;
const { refused, sent, depthBytes } = push.stats();
console.log(JSON.stringify({ growth, refused, sent, depthBytes, seconds }));
process.exit(0);
