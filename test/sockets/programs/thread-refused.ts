/**
 * A program that asks of a Router, in a thread of its own, what cannot be done at once: to send to
 * somebody who is not there, and to somebody whose pipe is full. It must be refused at once there, too.
 */
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import { Dealer, isBrokerlessError, Router } from 'brokerless';

/** What becomes of a send; it may take a second. */
function outcome(sending: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('waits'), 1000);
    sending
      .then(
        () => resolve('sent'),
        (error: unknown) => (isBrokerlessError(error) ? resolve(error.code) : reject(error)),
      )
      .finally(() => clearTimeout(timer));
  });
}

async function inThread(): Promise<void> {
  const alone = await Router.bind<string>('tcp://127.0.0.1:*');
  console.log(await outcome(alone.send('00', 'to nobody')));
  await alone.close({ drainMs: 0 });
  const tight = { highWaterMark: 2, kernelBufferBytes: 4096, batch: false };
  const router = await Router.bind<string>('tcp://127.0.0.1:*', tight);
  const dealer = await Dealer.connect<string>(router.endpoint, tight);
  await dealer.send('hello');
  const { peer } = await router.receive();
  let last = 'sent';
  for (let n = 0; n < 5000 && last === 'sent'; n += 1) {
    last = await outcome(router.send(peer, 'x'.repeat(50_000)));
  }
  console.log(last);
  await Promise.all([router, dealer].map((socket) => socket.close({ drainMs: 0 })));
}

if (isMainThread) await once(new Worker(new URL(import.meta.url)), 'exit');
else await inThread();
