/**
 * A flood: one process publishes, another keeps up, a third stands still. Who keeps up loses nothing; who
 * stands still loses, and counts to the value what it lost; and with `overflow: 'wait'` nobody does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { numbers } from '../support/collect.ts';
import { compiled } from '../support/compiled.ts';
import { receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

/** What a process of the flood told last. */
interface Told {
  readonly sent?: number;
  readonly last?: number;
  readonly missed?: number;
  readonly received?: number;
  readonly wrong?: number;
  readonly most?: number;
}

/** A process of the flood, and the last that it told. */
class Part implements AsyncDisposable {
  told: Told = {};
  /** What it said first. */
  readonly word: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, word: string) {
    this.#child = child;
    this.word = word;
    child.on('message', (told: Told) => {
      this.told = told;
    });
  }

  /** Starts a program, and waits for its first word. */
  static async start(name: string, argument: string): Promise<Part> {
    const child = fork(compiled(new URL(`programs/${name}.ts`, import.meta.url)), [argument]);
    const [word] = await once(child, 'message');
    return new Part(child, String(word));
  }

  say(word: number): void {
    this.#child.send(word);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

const CHUNK = 50; // Some 50 KB: one batch.
/** What a number is once it has stopped changing. */
async function atRest(look: () => number): Promise<number> {
  let [last, since] = [look(), performance.now()];
  await until(() => {
    if (look() !== last) [last, since] = [look(), performance.now()];
    return performance.now() - since > 200;
  }, patient);
  return last;
}

const patient = { timeoutMs: 20_000 };

describe('a flood that one process keeps up with while another is stopped', () => {
  test('is lost to the stopped one only, which counts every value of it', {
    timeout: 60_000,
  }, async () => {
    await using publisher = await Part.start('publish-flood', 'drop');
    await using quick = await Part.start('publish-reader', publisher.word);
    await using slow = await Part.start('publish-reader', publisher.word);
    expect([quick.word, slow.word]).toEqual(['subscribed', 'subscribed']);
    let sent = 0;
    const flood = async (): Promise<void> => {
      sent += CHUNK;
      publisher.say(sent);
      await until(() => publisher.told.sent === sent && quick.told.last === sent - 1, patient);
    };
    await flood();
    await until(() => slow.told.last === sent - 1, patient);
    slow.signal('SIGSTOP');
    for (const _ of numbers(200)) await flood();
    slow.signal('SIGCONT');
    // Until it has caught up: while it has no room it loses what it is sent, be it the last.
    do await flood();
    while ((await atRest(() => slow.told.last ?? 0)) !== sent - 1);
    expect(quick.told).toMatchObject({ received: sent, missed: 0, wrong: 0, faults: 0 });
    const { missed = 0 } = slow.told;
    expect(slow.told).toMatchObject({ received: sent - missed, wrong: 0, faults: 0 });
    expect(missed).toBeGreaterThan(5000);
    expect(publisher.told).toMatchObject({ dropped: 0, refused: 0, faults: 0 });
  });

  test("is lost to nobody with overflow 'wait'", { timeout: 60_000 }, async () => {
    await using publisher = await Part.start('publish-flood', 'wait');
    await using quick = await Part.start('publish-reader', publisher.word);
    await using slow = await Part.start('publish-reader', publisher.word);
    slow.signal('SIGSTOP');
    publisher.say(10_000);
    await until(() => (quick.told.last ?? 0) >= 400, patient);
    expect(await atRest(() => quick.told.last ?? 0)).toBeLessThan(9999); // The slow one sets the pace.
    slow.signal('SIGCONT');
    await until(() => publisher.told.sent === 10_000, patient);
    await until(() => quick.told.last === 9999 && slow.told.last === 9999, patient);
    for (const each of [quick, slow]) {
      expect(each.told).toMatchObject({ received: 10_000, missed: 0, wrong: 0, faults: 0 });
    }
    expect(publisher.told.most).toBeLessThan((1 << 20) + 200_000);
  });
});

describe("overflow 'wait'", () => {
  const tight = { highWaterMark: 1 };

  test('waits for a subscriber that does not read, and numbers each value once', async () => {
    await using publisher = await Publisher.bind<Record<string, number>>('inproc://patient', {
      ...tight,
      overflow: 'wait',
      batch: false,
    });
    await using subscriber = await Subscriber.connect<Record<string, number>>(
      'inproc://patient',
      tight,
    );
    expect(await subscriber.subscribe('a').ready()).toBe('subscribed');
    for (const n of numbers(50)) void publisher.send('a', n);
    const sent = await atRest(() => publisher.stats().sent); // It tries again and again meanwhile.
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(50);
    const got = await receiveAll(subscriber, 50);
    expect(got.map(({ value }) => value)).toEqual(numbers(50));
    expect(subscriber.stats()).toMatchObject({ received: 50, missed: 0 });
    expect(publisher.stats()).toMatchObject({ sent: 50, dropped: 0, depth: 0 });
  });

  test('says at close what it never got rid of', async () => {
    const publisher = await Publisher.bind<Record<string, number>>('inproc://stuck', {
      ...tight,
      overflow: 'wait',
      batch: false,
    });
    await using subscriber = await Subscriber.connect('inproc://stuck', tight);
    await subscriber.subscribe('a').ready();
    for (const n of numbers(50)) void publisher.send('a', n);
    await until(() => publisher.stats().sent > 0);
    const { unsent } = await publisher.close({ drainMs: 30 });
    expect(unsent).toBe(50 - publisher.stats().sent);
    expect(unsent).toBeGreaterThan(0);
  });

  test('goes on when the subscriber that held it up leaves', async () => {
    await using publisher = await Publisher.bind<Record<string, unknown>>('ipc://*', {
      ...tight,
      overflow: 'wait',
    });
    const stuck = await Subscriber.connect(publisher.endpoint, tight);
    await stuck.subscribe('a').ready();
    await using reader = await Subscriber.connect<Record<string, unknown>>(publisher.endpoint);
    await reader.subscribe('end').ready();
    for (const _ of numbers(100)) void publisher.send('a', new Uint8Array(60_000));
    void publisher.send('end', 1);
    await until(() => publisher.stats().sent > 0);
    await stuck.close();
    expect(await reader.receive()).toEqual({ topic: 'end', value: 1 });
  });
});
