/**
 * A program that starts threads, two at a time, each with a bound Push and a Pull that waits, and each
 * ending as its argument says without closing them; after each pair, other sockets must still talk.
 */
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads';
import { Pull, Push } from 'brokerless';

const [how = 'throw', times = '20'] = process.argv.slice(2);

async function inThread(): Promise<void> {
  const push = await Push.bind('tcp://127.0.0.1:*');
  const other = await Push.bind(`inproc://thread-${threadId}`);
  const pull = await Pull.connect(push.endpoint);
  const idle = await Pull.connect('tcp://127.0.0.1:9');
  await pull.ready();
  await push.send('hello');
  await pull.receive();
  void pull.receive().catch(() => {});
  void idle.receive().catch(() => {});
  for (let i = 0; i < 100; i += 1) void other.send('to nobody');
  if (workerData === 'exit') process.exit(3);
  if (workerData === 'throw') {
    setImmediate(() => {
      throw new Error('thrown in the thread');
    });
  }
  if (workerData === 'close') {
    await Promise.all([push, other, pull, idle].map((socket) => socket.close({ drainMs: 0 })));
  }
}

/** Runs one thread and gives its exit code. */
function thread(): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: how });
  worker.on('error', (error) => console.error(String(error)));
  return new Promise((resolve) => worker.once('exit', resolve));
}

async function inMain(): Promise<void> {
  const pull = await Pull.bind<number>('tcp://127.0.0.1:*');
  const push = await Push.connect<number>(pull.endpoint);
  const codes: number[] = [];
  for (let time = 0; time < Number(times); time += 2) {
    codes.push(...(await Promise.all([thread(), thread()])));
    await push.send(time);
    if ((await pull.receive()) !== time) throw new Error('the other sockets went wrong');
  }
  const bound = await Pull.bind('tcp://127.0.0.1:*'); // Sockets made later must work, too.
  const late = await Push.connect(bound.endpoint);
  await late.send('late');
  console.log(JSON.stringify({ codes: [...new Set(codes)], late: await bound.receive() }));
  await Promise.all([pull, push, bound, late].map((socket) => socket.close()));
}

await (isMainThread ? inMain() : inThread());
