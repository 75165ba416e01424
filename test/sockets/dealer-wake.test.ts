/**
 * Test of a Dealer that begins to send and to read while it is being connected: see
 * test/upstream/read-takes-wake.mjs.
 */
import { Dealer, Router } from 'brokerless';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';

// A busy machine puts the handshake off, so it is tried several times.
test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what a Dealer has sent leaves although it begins to read at the moment of the handshake (%i)',
  async () => {
    await using router = await Router.bind<string>('tcp://127.0.0.1:*');
    await using dealer = new Dealer<string>({ batch: false });
    void dealer.connect(router.endpoint);
    void dealer.send('hello'); // Within this call it is offered to ZeroMQ, which has nobody to take it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // Its I/O thread shakes hands.
    const reading = dealer.receive().catch(() => {});
    await until(() => dealer.stats().sent === 1, { timeoutMs: 15_000 });
    expect((await router.receive()).value).toBe('hello');
    await dealer.close();
    await reading;
  },
);

test('a Dealer that is closed with something unsent does not go on offering it', async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const dealer = await Dealer.connect<string>('tcp://127.0.0.1:9');
  await dealer.send('to nobody');
  expect(await dealer.close({ drainMs: 0 })).toMatchObject({ unsent: 1 });
  await until(() => timers() <= before);
});
