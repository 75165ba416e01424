/**
 * Tests of a hub whose store fails: for a while, at the start, or by throwing.
 */
import { describe, expect, test } from 'vitest';
import {
  connectProducer,
  startQueueWorker,
  startWorkQueue,
} from '../../../patterns/work-queue/index.ts';
import { recover } from '../../../patterns/work-queue/recovery-rules.ts';
import { runScript } from '../../support/child.ts';
import { until } from '../../support/until.ts';
import { FileStore } from './file-store.ts';
import {
  fileWith,
  fixedEnds,
  LONG,
  newFile,
  oldItem,
  PATIENT,
  QUICK,
  recordsIn,
} from './restarting.ts';

describe('a hub whose store cannot keep anything for a while', PATIENT, () => {
  test('refuses items, has those done that it has, and goes on when there is room', async () => {
    const [file, ends] = [newFile(), await fixedEnds()];
    const store = new FileStore(file);
    const hub = await startWorkQueue({ ...ends, ...QUICK, heartbeatMs: 1000, store });
    await using producer = await connectProducer<number, number>(ends.producers);
    let go = (): void => {};
    const held = new Promise<void>((free) => {
      go = free;
    });
    await using worker = await startQueueWorker({
      queue: ends.workers,
      credit: 4,
      concurrency: 4,
      async handler(x: number, { attempt }) {
        await held;
        if (x === 3 && attempt === 1) throw new Error('not at first');
        return 2 * x;
      },
    });
    const ids = await Promise.all([1, 2, 3].map((x) => producer.send(x)));
    const outcomes = Promise.all(ids.map((id) => producer.outcome(id, LONG)));
    store.room = 40; // The first record of a batch is cut in two.
    go();
    await until(() => hub.stats().retried === 1, LONG);
    const refused = [4, 5].map((x) => producer.send(x));
    for (const each of refused) {
      await expect(each).rejects.toMatchObject({ code: 'STORE_FAILED', mayHaveRun: 'maybe' });
    }
    expect(hub.stats()).toMatchObject({ accepted: 3, done: 0, refused: 2 });
    store.room = Number.POSITIVE_INFINITY;
    const ended = await outcomes;
    expect(ended.map((outcome) => outcome.status === 'done' && outcome.value)).toEqual([2, 4, 6]);
    const sixth = await producer.outcome(await producer.send(6), LONG);
    expect(sixth).toMatchObject({ status: 'done', value: 12 });
    expect(hub.stats()).toMatchObject({ accepted: 4, done: 4, refused: 2, unfinished: 0 });
    await Promise.all([hub.close(), worker.close()]);
    const { items, letters } = recover(await recordsIn(file));
    expect([items, letters]).toEqual([[], []]);
  });

  test('says so to whoever sends a dead letter again, which stays', async () => {
    const [file, ends] = [newFile(), await fixedEnds()];
    const store = new FileStore(file);
    await using hub = await startWorkQueue({ ...ends, ...QUICK, store, maxAttempts: 1 });
    await using producer = await connectProducer<number, number>(ends.producers);
    let isWell = false;
    await using worker = await startQueueWorker({
      queue: ends.workers,
      handler(x: number) {
        if (!isWell) throw new Error('no');
        return x;
      },
    });
    const id = await producer.send(1);
    await until(() => hub.stats().deadLetters === 1, LONG);
    store.room = 0;
    await expect(hub.resend(id)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(hub.deadLetters()).toHaveLength(1);
    store.room = Number.POSITIVE_INFINITY;
    isWell = true;
    await hub.resend(id);
    await until(() => hub.stats().done === 1, LONG);
    expect(hub.deadLetters()).toEqual([]);
    await worker.close();
  });
});

describe('a hub with a store', PATIENT, () => {
  test('that cannot start leaves nothing open', async () => {
    const program = new URL('programs/no-start.ts', import.meta.url);
    const { code, stdout, stderr } = await runScript(program, { source: true });
    expect(stdout.trim().split('\n')).toEqual([
      'closed: it cannot be read',
      expect.stringMatching(/^closed: .*cannot bind/),
      expect.stringMatching(/^closed: .*cannot bind/),
    ]);
    expect([code, stderr]).toEqual([0, '']);
  });

  test('that throws refuses items, as with one that rejects', async () => {
    const store = {
      load: () => [],
      append: () => {
        throw new Error('not even a promise');
      },
    };
    await using hub = await startWorkQueue({ ...(await fixedEnds()), store });
    await using producer = await connectProducer(hub.producers);
    await expect(producer.send(1)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('that is closed leaves nobody waiting who sends a dead letter again', async () => {
    const file = await fileWith([
      { kind: 'epoch', epoch: 'before' },
      oldItem(1),
      { kind: 'end', n: 1, status: 'failed', at: 0 },
    ]);
    const store = new FileStore(file);
    const hub = await startWorkQueue({ ...(await fixedEnds()), store });
    const sent = hub.resend('before-1');
    const told = expect(sent).rejects.toMatchObject({ code: 'CLOSED', mayHaveRun: 'maybe' });
    await hub.close();
    await told;
    await expect(hub.resend('before-1')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
