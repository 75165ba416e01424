/**
 * A program that subscribes to a flood, and tells on each value that ends a run of fifty what it has
 * received and missed; and when it is asked.
 *
 *     publish-reader.ts ENDPOINT
 */
import { Subscriber } from 'brokerless';
import { type Numbered, tally } from './publish-support.ts';

const [endpoint = ''] = process.argv.slice(2);
const subscriber = await Subscriber.connect<Record<string, Numbered>>(endpoint, {
  highWaterMark: 8,
  kernelBufferBytes: 131_072,
});
const readiness = await subscriber.subscribe('flood').ready({ timeoutMs: 10_000 });
const tell = (): unknown => process.send?.({ ...seen, ...subscriber.stats(), last: seen.last });
const seen = tally(subscriber, (n) => {
  if (n % 50 === 49) setImmediate(tell); // By then it has been counted.
});
process.on('message', tell);
process.on('disconnect', () => process.exit(0));
process.send?.(readiness);
