/**
 * A program that gives sockets in a thread endpoints of inproc and others, and a publisher over inproc a long topic;
 * what becomes of that is printed.
 */
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import { Dealer, isBrokerlessError, Publisher, Pull, Push } from 'brokerless';

async function outcome(attempt: Promise<void>): Promise<string> {
  try {
    await attempt;
    return 'bound';
  } catch (error) {
    return isBrokerlessError(error) ? `${error.code} ${error.message}` : String(error);
  }
}

async function inThread(): Promise<void> {
  const push = await Push.connect('inproc://mixed');
  console.log(await outcome(push.connect('tcp://127.0.0.1:9')));
  const dealer = await Dealer.bind('tcp://127.0.0.1:*');
  console.log(await outcome(dealer.bind('inproc://other')));
  const pull = await Pull.bind('tcp://127.0.0.1:*');
  console.log(await outcome(pull.bind('inproc://mixed')));
  const publisher = await Publisher.bind<Record<string, number>>('inproc://topics');
  for (const length of [10, 200]) await publisher.send('t'.repeat(length), 1);
  while (publisher.stats().depth > 0) await new Promise(setImmediate);
  console.log(publisher.stats().sent, publisher.stats().dropped);
  await Promise.all([push, dealer, pull, publisher].map((socket) => socket.close({ drainMs: 0 })));
}

if (isMainThread) await once(new Worker(new URL(import.meta.url)), 'exit');
else await inThread();
