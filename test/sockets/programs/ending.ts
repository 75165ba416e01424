/**
 * A program that comes to its end in the way that its argument names, and says when.
 */
import { Pull, Push } from 'brokerless';

/** Says that from now on nothing but sockets can keep the process alive. */
function done(): void {
  console.log(`at ${Date.now()}`);
}

/** Ends the process with a code of its own if it is still there later on. */
function held(): void {
  done();
  const end = (): void => {
    console.log('held');
    process.exit(7);
  };
  setTimeout(end, 400).unref(); // Which does not keep the process alive by itself.
}

async function fill(push: Push<Uint8Array>): Promise<void> {
  for (let n = 0; n < 2000; n += 1) void push.send(new Uint8Array(1000));
  await new Promise(setImmediate);
}

const ends: Readonly<Record<string, () => Promise<void>>> = {
  async 'all-closed'() {
    const pull = await Pull.bind('tcp://127.0.0.1:*');
    const push = await Push.connect(pull.endpoint);
    await push.send(1);
    await pull.receive();
    await Promise.all([push.close(), pull.close()]);
    done();
  },
  async 'received-all'() {
    const pull = await Pull.bind('inproc://end');
    const push = await Push.connect('inproc://end');
    await push.send(1);
    await pull.receive();
    done();
    void push.close();
    void pull.close();
  },
  /** Nobody is there: what was accepted may wait for drainMs, then the process ends. */
  async 'unsent-closed'() {
    const push = await Push.connect<Uint8Array>('tcp://127.0.0.1:9', { drainMs: 500 });
    await fill(push);
    done();
    await push.close();
  },
  /** ZeroMQ has taken it, and the peer does not read: linger is finite, too. */
  async 'unsent-flushing'() {
    const pull = await Pull.bind<Uint8Array>('tcp://127.0.0.1:*', { highWaterMark: 1 });
    const push = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw', drainMs: 500 });
    await push.ready();
    for (let n = 0; n < 60; n += 1) await push.send(new Uint8Array(1 << 20));
    done();
    await push.close();
    await pull.close();
  },
  async 'unsent-exit'() {
    const push = await Push.connect<Uint8Array>('tcp://127.0.0.1:9');
    await fill(push);
    done();
    process.exit(0);
  },
  async 'idle-push'() {
    await Push.bind('tcp://127.0.0.1:*');
    held();
  },
  async 'idle-pull'() {
    await Pull.connect('tcp://127.0.0.1:9');
    held();
  },
  async 'idle-unbound'() {
    new Push().on('connect', () => {});
    held();
  },
};

await ends[process.argv[2] ?? '']?.();
