/**
 * Tests of three servers under load that are killed, frozen and restarted, one after the other: no call that may be
 * repeated fails; and none of any kind while servers drain before they go.
 */
import { type Client, connectTo } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { ServerProcess } from './processes.ts';
import { errands } from './programs/errands.ts';
import { LONG, met, PATIENT } from './running.ts';

type Errands = Client<(typeof errands)['methods']>;

/** Three server processes on ports of their own. */
class Three implements Disposable {
  /** Those at work; their places are always the same. */
  readonly servers: ServerProcess[] = [];
  /** Those that have ended. */
  readonly ended: ServerProcess[] = [];
  readonly #heartbeatMs: number;

  constructor(heartbeatMs: number) {
    this.#heartbeatMs = heartbeatMs;
  }

  static async start(heartbeatMs: number): Promise<Three> {
    const three = new Three(heartbeatMs);
    for (const place of numbers(3)) await three.startAt(place, await reservedEndpoint());
    return three;
  }

  async startAt(place: number, bind = this.at(place).endpoint): Promise<void> {
    this.servers[place] = await ServerProcess.start({ bind, heartbeatMs: this.#heartbeatMs });
  }

  at(place: number): ServerProcess {
    return this.servers[place] as ServerProcess;
  }

  async end(place: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<ServerProcess> {
    const server = this.at(place);
    await server.end(signal);
    this.ended.push(server);
    return server;
  }

  client(): Promise<Errands> {
    const to = this.servers.map(({ endpoint }) => endpoint);
    return connectTo(errands, { to, reconnectMs: 20, reconnectMaxMs: 200, ...LONG });
  }

  [Symbol.dispose](): void {
    for (const server of [...this.servers, ...this.ended]) server[Symbol.dispose]();
  }
}

/** Calls without end, so many at a time; each has to be answered with what it was given. */
class Load {
  done = 0;
  readonly failures: unknown[] = [];
  #asked = 0;
  #isOver = false;
  readonly #loops: Promise<void>[];

  constructor(inFlight: number, ask: (n: number) => Promise<void>) {
    this.#loops = numbers(inFlight).map(() => this.#loop(ask));
  }

  /** Waits until so many more have been done. */
  async more(count: number): Promise<void> {
    const target = this.done + count;
    await until(() => this.done + this.failures.length >= target, LONG);
  }

  /** Ends it, and answers with how many there were. */
  async end(): Promise<number> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    return this.#asked;
  }

  async #loop(ask: (n: number) => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      this.#asked += 1;
      await ask(this.#asked).then(
        () => (this.done += 1),
        (error: unknown) => this.failures.push(error),
      );
    }
  }
}

describe('of three servers under load', PATIENT, () => {
  test('one is killed, one frozen, each is back, and no call fails that may be repeated', async () => {
    using three = await Three.start(1000);
    await using client = await three.client();
    await met(client, 3);
    const heard: string[] = [];
    client.on('server:down', ({ reason }) => heard.push(reason));
    const load = new Load(24, async (n) => expect(await client.read({ n, ms: n % 5 })).toBe(n));
    await load.more(200);
    await three.end(0, 'SIGKILL');
    await load.more(200);
    await three.startAt(0);
    await met(client, 3);
    await load.more(200);

    three.at(1).signal('SIGSTOP');
    await met(client, 2); // It takes as long as it may be silent.
    await load.more(200);
    three.at(1).signal('SIGCONT');
    await met(client, 3);
    await load.more(200);

    await three.end(2, 'SIGKILL');
    await three.startAt(2);
    await met(client, 3);
    await load.more(200);
    const asked = await load.end();
    expect(load.failures).toEqual([]);
    expect(load.done).toBe(asked);
    expect(heard).toEqual(['gone', 'silent', 'gone']);
    const { received, retried, sent, inFlight } = client.stats();
    expect([received, sent - retried, inFlight]).toEqual([asked, asked, 0]);
    expect(retried).toBeGreaterThan(0);
    for (const server of three.servers) {
      const { methods } = await server.stats();
      expect(methods['read']?.done).toBeGreaterThan(0);
    }
  });

  test('all are restarted, each drains before it goes, and nothing fails, whatever it is', async () => {
    using three = await Three.start(1000);
    await using client = await three.client();
    await met(client, 3);
    let noted = 0;
    const ways = [
      async (n: number) => expect(await client.write({ n, ms: n % 7 })).toBe(n),
      async (n: number) => expect(await client.read({ n, ms: n % 3 })).toBe(n),
      async (n: number) => {
        await client.noted(`${n}`);
        noted += 1;
      },
      async (n: number) => {
        for await (const value of client.count(undefined, { credit: 8 }))
          if (value === n % 40) break;
      },
    ];
    const load = new Load(32, async (n) => ways[n % ways.length]?.(n));
    await load.more(300);
    for (const place of numbers(3)) {
      const server = await three.end(place, 'SIGTERM');
      expect([server.child.exitCode, server.child.signalCode]).toEqual([0, null]);
      await load.more(100);
      await three.startAt(place);
      await met(client, 3);
      await load.more(200);
    }
    const asked = await load.end();
    expect(load.failures).toEqual([]);
    expect(load.done).toBe(asked);
    expect(client.stats()).toMatchObject({ retried: 0, inFlight: 0, dropped: 0 });
    const all = [...three.servers, ...three.ended];
    await until(() => all.reduce((sum, server) => sum + server.count('noted'), 0) === noted, LONG);
  });
});
