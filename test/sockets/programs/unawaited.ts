/**
 * A program that sends a hundred thousand values to nobody and awaits none of the calls. Its argument
 * says what becomes of them: `refused` by a full queue, `full` of waiting calls, `closed` while they
 * wait.
 */
import { Push } from 'brokerless';

const [how = 'refused'] = process.argv.slice(2);
let unhandled = 0;
process.on('unhandledRejection', () => {
  unhandled += 1;
});

const push = new Push<number>({
  overflow: how === 'refused' ? 'reject' : 'wait',
  maxQueueBytes: 1000,
});
const count = how === 'closed' ? 5000 : 100_000;
for (let n = 0; n < count; n += 1) {
  void push.send(n);
  if (n % 10_000 === 0) await new Promise(setImmediate);
}
for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
const { refused, depth } = push.stats();
if (refused + depth !== count) throw new Error(`${refused} refused, ${depth} kept of ${count}`);
await push.close({ drainMs: 0 });
for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
console.log(unhandled === 0 ? 'no rejection went unhandled' : `${unhandled} went unhandled`);
