/**
 * Tests of false servers: whatever they say to a client is counted, costs little, and other servers answer it.
 */
import { randomBytes } from 'node:crypto';
import type { BrokerlessError } from 'brokerless';
import {
  type ConnectOptions,
  call,
  connectTo,
  contract,
  serve,
  stream,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { number, object } from 'zod';
import { numbers } from '../../support/collect.ts';
import { hostileItems } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { cbor } from '../work-queue/raw.ts';
import { FalseServer, HUGE, saying } from './raw.ts';
import { LONG, later, met, PATIENT } from './running.ts';

const sums = contract('sums', {
  double: call<number, number>(),
  half: call<number, number>({ idempotent: true }),
  point: call<null, { readonly x: number }>({ output: object({ x: number() }) }),
  count: stream<number, number>(),
});
const [WELCOME, MISMATCH, RESULT, FAILED, REFUSED, BEGUN] = [11, 12, 13, 14, 15, 16] as const;
const [ITEM, END, DRAIN, ANSWER] = [17, 18, 19, 20] as const;

/** A client of a false server, which has welcomed it; and what it was told of faults. */
async function deceive(options: Partial<ConnectOptions> = {}, heartbeatMs = 60_000) {
  const server = new FalseServer();
  const faults: BrokerlessError[] = [];
  const onFault = (fault: BrokerlessError): void => void faults.push(fault);
  const to = await server.bind();
  const connecting = connectTo(sums, { to, connectMs: LONG.timeoutMs, onFault, ...options });
  await server.welcomes(heartbeatMs);
  const client = await connecting;
  const dispose = async (): Promise<void> => {
    await client.close();
    server[Symbol.dispose]();
  };
  return { server, client, faults, [Symbol.asyncDispose]: dispose };
}

const nonsense: readonly (readonly [what: string, ...frames: readonly Buffer[]])[] = [
  ['an empty frame', Buffer.alloc(0)],
  ['text', Buffer.from('welcome')],
  ['two frames', saying([10]), saying([10])],
  ['another word', cbor(['bs2', 10])],
  ['two lists', Buffer.concat([saying([10]), saying([10])])],
  ['an entry of a client', saying([2, 1, 0, 0, null, 1])],
  ['an entry that nobody knows', saying([99, 1])],
  ['a result of nothing', saying([RESULT])],
  ['a result of text', saying([RESULT, 'one', 1])],
  ['a result without a value', saying([RESULT, 1])],
  ['a refusal for no reason', saying([REFUSED, 1, 'OVERLOADED'])],
  ['a refusal that nobody knows', saying([REFUSED, 1, 'TIRED', 'of it'])],
  ['a welcome without a time', saying([WELCOME])],
  ['a welcome with less than no time', saying([WELCOME, -1, ''])],
  ['an answer of text', saying([ANSWER, 'one', 1])],
  ['a beginning of nothing', saying([BEGUN])],
  ...hostileItems.map(([what, item]) => [what, item] as const),
  ...hostileItems.map(([what, item]) => {
    const list = saying([ITEM, 1, 0]);
    list[0] = Number(list[0]) + 1;
    return [`an item that is ${what}`, Buffer.concat([list, item])] as const;
  }),
];

describe('a false server', PATIENT, () => {
  test('has each message that makes no sense counted, and the client goes on', async () => {
    await using here = await deceive();
    const { client, server, faults } = here;
    const asked = client.double(4, LONG);
    const [n] = await server.hears('call');
    for (const [, ...frames] of nonsense) await server.sends(...frames);
    for (const _ of numbers(1000)) await server.sends(randomBytes(20));
    await server.says([RESULT, n, 8]);
    expect(await asked).toBe(8);
    expect(client.stats()).toMatchObject({ faults: nonsense.length + 1000, received: 1 });
    expect(faults).toHaveLength(nonsense.length + 1000);
    expect(faults.every(({ code }) => code === 'BAD_MESSAGE')).toBe(true);
  });

  test('cannot answer what it was not asked, or twice', async () => {
    await using here = await deceive();
    const { client, server } = here;
    const asked = client.double(4);
    const [n] = (await server.hears('call')) as [number];
    for (const other of [0, n + 1, n + 2, HUGE]) {
      await server.says(
        [RESULT, other, 1],
        [FAILED, other, {}],
        [ITEM, other, 0, 1],
        [END, other, 0],
      );
      await server.says([BEGUN, other], [REFUSED, other, 'EXPIRED', ''], [ANSWER, other, 1]);
    }
    await server.says([RESULT, n, 8], [RESULT, n, 9], [FAILED, n, {}], [END, n, 0]);
    expect(await asked).toBe(8);
    await until(() => client.stats().late === 4 * 7 + 3, LONG);
    expect(client.stats()).toMatchObject({ faults: 0, received: 1, inFlight: 0 });
  });

  test('cannot answer for another', async () => {
    await using here = await deceive();
    using other = new FalseServer();
    const to = [await other.bind(), await here.server.bind()];
    await using client = await connectTo(sums, { to, connectMs: 0, timeoutMs: LONG.timeoutMs });
    await Promise.all([other.welcomes(), here.server.welcomes()]);
    await met(client, 2);
    const both = [client.double(1), client.double(2)];
    const [n] = (await other.hears('call')) as [number];
    const [m] = (await here.server.hears('call')) as [number];
    await other.says([RESULT, m, 666]);
    await until(() => client.stats().late === 1, LONG);
    await other.says([RESULT, n, 2]);
    await here.server.says([RESULT, m, 4]);
    expect(await Promise.all(both)).toEqual([2, 4]);
  });

  test('that answers with nonsense is told apart from one whose handler fails', async () => {
    await using here = await deceive({ maxMessageBytes: 1000 });
    const { client, server } = here;
    const answers: [ask: () => Promise<unknown>, ...answer: unknown[]][] = [
      [() => client.double(1), FAILED, 'text'],
      [() => client.double(1), FAILED, { code: 'A' }],
      [() => client.point(null), RESULT, { x: 'text' }],
      [() => client.double(1), RESULT, 'x'.repeat(1001)],
    ];
    for (const [ask, word, answer] of answers) {
      const asked = later(ask());
      const [n] = await server.hears('call');
      await server.says([word, n, answer]);
      await expect(asked).rejects.toMatchObject({ code: 'BAD_MESSAGE', mayHaveRun: 'maybe' });
    }
    const asked = later(client.double(1));
    const [n] = await server.hears('call');
    await server.says([FAILED, n, { code: 'A', message: 'b', from: 'broker', odd: 1 }]);
    await expect(asked).rejects.toMatchObject({ code: 'HANDLER_FAILED', message: 'b' });
  });

  test('gives a call no values, no end of a stream, and a stream no result', async () => {
    await using here = await deceive();
    const { client, server } = here;
    const asked = client.double(4);
    const [n] = await server.hears('call');
    for (const word of [
      [ITEM, n, 0, 1],
      [END, n, 0],
    ])
      await server.says(word);
    const reading = client.count(1);
    const first = reading.next();
    const [m] = await server.hears('open');
    await server.says([RESULT, m, 1]);
    await server.says([ITEM, m, 0, 5], [END, m, 1], [ITEM, m, 1, 6]);
    await server.says([RESULT, n, 8]);
    expect(await asked).toBe(8);
    expect(await first).toEqual({ value: 5, done: false });
    expect(await reading.next()).toEqual({ value: undefined, done: true });
    expect(client.stats()).toMatchObject({ faults: 3, late: 1 });
  });

  test('that gives a stream more than there is room for is not kept', async () => {
    await using here = await deceive();
    const { client, server } = here;
    const reading = client.count(1, { credit: 10 });
    const first = reading.next();
    const [n] = await server.hears('open');
    for (const _ of numbers(1000)) await server.says(...numbers(100).map((x) => [ITEM, n, x, x]));
    await until(() => client.stats().faults === 1000, LONG);
    await server.says([END, n, 10]);
    const values = [(await first).value];
    for await (const value of reading) values.push(value);
    expect(values.length).toBeLessThanOrEqual(20);
  });

  test('that refuses for ever is asked no more than retries allow', async () => {
    await using here = await deceive({ backoff: { baseMs: 1, maxMs: 1 } });
    const { client, server } = here;
    const asked = later(client.half(1, { retries: 5, timeoutMs: LONG.timeoutMs }));
    for (const _ of numbers(6)) {
      const [n] = await server.hears('call');
      await server.says([REFUSED, n, 'OVERLOADED', 'never']);
    }
    const refused = { code: 'OVERLOADED', message: 'never', mayHaveRun: 'no' };
    await expect(asked).rejects.toMatchObject(refused);
    expect(client.stats()).toMatchObject({ sent: 6, retried: 5 });
  });

  test('that welcomes, refuses and drains again and again is asked no more', async () => {
    await using here = await deceive({ noServer: 'fail' });
    const { client, server } = here;
    const downs: string[] = [];
    client.on('server:down', ({ reason }) => downs.push(reason));
    await server.says([WELCOME, 1, ''], [MISMATCH, 'no'], [WELCOME, HUGE, '']);
    expect(client.stats().connections).toBe(1);
    await server.says([DRAIN], [DRAIN], [WELCOME, 60_000, '']);
    await server.hears('quiet');
    await met(client, 0);
    await expect(client.double(1)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect([downs, client.stats().faults]).toEqual([['draining'], 0]);
  });

  test.each([0, 1, HUGE])(
    'that would have a heartbeat of %d ms has none that harms',
    async (ms) => {
      const warnings: string[] = [];
      const onWarning = ({ name }: Error): void => void warnings.push(name);
      process.on('warning', onWarning);
      await using here = await deceive({}, ms);
      const { client, server } = here;
      const asked = later(client.double(4, LONG));
      if (ms > 1) {
        const [n] = await server.hears('call');
        await server.says([RESULT, n, 8]);
        expect(await asked).toBe(8);
      } else await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(client.stats().sent).toBe(1);
      process.off('warning', onWarning);
      expect(warnings).toEqual([]);
    },
  );

  test('that beats without end keeps no other from answering', async () => {
    await using here = await deceive();
    const { server } = here;
    const good = await serve(
      sums,
      { double: (x) => 2 * x, half: (x) => x / 2, point: () => ({ x: 1 }), count: () => [] },
      { bind: 'tcp://127.0.0.1:*', drainMs: 0 },
    );
    const to = [await server.bind(), good.endpoint];
    const preferGood: ConnectOptions['balance'] = (all) =>
      all.find(({ endpoint }) => endpoint === good.endpoint);
    await using client = await connectTo(sums, { to, connectMs: 0, balance: preferGood });
    await server.welcomes();
    await met(client, 2);
    const beats = saying(...numbers(100).map(() => [10]));
    for (const _ of numbers(3000)) await server.sends(beats);
    const answers = await Promise.all(numbers(100).map((n) => client.double(n, LONG)));
    expect(answers).toEqual(numbers(100).map((n) => 2 * n));
    expect(client.stats().faults).toBe(0);
    await good.close();
  });
});
