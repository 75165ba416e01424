/**
 * The codec `frames`: a value is all the frames of a message, as they are, on Push, Pull, Dealer and
 * Router.
 */
import { type BrokerlessError, Dealer, Pull, Push, Router } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

type Frames = readonly Uint8Array[];

const codec = 'frames';
const frame = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const texts = (frames: Frames): string[] => frames.map((each) => Buffer.from(each).toString());

const shapes: readonly (readonly string[])[] = [
  ['one'],
  [''],
  ['', ''],
  ['', 'body'],
  ['head', ''],
  ['a', '', 'b', 'c'],
  ['x'.repeat(129), 'y'.repeat(100_000)],
  numbers(1000).map(String),
];

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('each message arrives with the frames that it was sent with, in order', async () => {
    await using pull = await Pull.bind<Frames>(endpoint, { codec });
    await using push = await Push.connect<Frames>(pull.endpoint, { codec });
    for (const shape of shapes) void push.send(shape.map(frame));
    expect((await receiveAll(pull, shapes.length)).map(texts)).toEqual(shapes);
    expect(pull.stats()).toMatchObject({ received: shapes.length, faults: 0 });
    expect(push.stats().bytesSent).toBe(pull.stats().bytesReceived);
  });

  test('a Router and a Dealer send each other frames', async () => {
    await using router = await Router.bind<Frames>(endpoint, { codec, notifications: false });
    await using dealer = await Dealer.connect<Frames>(router.endpoint, { codec });
    for (const shape of shapes) void dealer.send(shape.map(frame));
    const got = await receiveAll(router, shapes.length);
    expect(got.map(({ value }) => texts(value))).toEqual(shapes);
    await Promise.all(got.map(({ peer, value }) => router.send(peer, value)));
    expect((await receiveAll(dealer, shapes.length)).map(texts)).toEqual(shapes);
    expect(router.stats()).toMatchObject({ faults: 0, dropped: 0, sent: shapes.length });
  });

  test('frames may be written to once they were sent', async () => {
    await using pull = await Pull.bind<Frames>(endpoint, { codec });
    await using push = await Push.connect<Frames>(pull.endpoint, { codec });
    const frames = [new Uint8Array(10), new Uint8Array(1000)];
    for (const n of numbers(5)) {
      void push.send(frames.map((each) => each.fill(n)));
      for (const each of frames) each.fill(99);
    }
    const got = await receiveAll(pull, 5);
    expect(got.map((own) => own.map((each) => each.at(-1)))).toEqual(numbers(5).map((n) => [n, n]));
  });

  test.for([undefined, true])('what is received may be kept, copy: %s', async (copy) => {
    await using pull = await Pull.bind<Frames>(endpoint, { codec, copy });
    await using push = await Push.connect<Frames>(pull.endpoint, { codec });
    for (const n of numbers(3)) void push.send([Uint8Array.of(n), new Uint8Array(200).fill(n)]);
    const got = await receiveAll(pull, 3);
    expect(got.map((own) => own.map((each) => each.at(-1)))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(got.flat().every((each) => each.constructor === Uint8Array)).toBe(true);
  });
});

test('an array may be used again as soon as it was sent, with transfer too', async () => {
  await using pull = await Pull.bind<Frames>('ipc://*', { codec });
  await using push = await Push.connect<Frames>(pull.endpoint, { codec });
  const frames = [frame('a'), frame('b')];
  void push.send(frames, { transfer: true });
  frames.length = 0;
  frames.push(frame('c'));
  void push.send(frames);
  expect((await receiveAll(pull, 2)).map(texts)).toEqual([['a', 'b'], ['c']]);
});

describe('what is no message', () => {
  const none: readonly unknown[] = [
    [],
    undefined,
    null,
    'text',
    frame('x'),
    ['text'],
    [frame('x'), 'text'],
    [frame('x'), undefined],
    [new ArrayBuffer(4)],
    { 0: frame('x'), length: 1 },
  ];
  test.for(none)('is a bad value: %o', async (value) => {
    await using dealer = new Dealer<Frames>({ codec });
    await rejects(dealer.send(value as Frames), 'BAD_VALUE');
    await using router = await Router.bind<Frames>('inproc://none', { codec });
    await rejects(router.send('00', value as Frames), 'BAD_VALUE');
    expect([dealer.stats().depth, router.stats().depth]).toEqual([0, 0]);
  });

  test('is a bad value: an array with holes', async () => {
    await using router = await Router.bind<Frames>('inproc://holes', { codec });
    await rejects(router.send('00', Object.assign([], { length: 2 })), 'BAD_VALUE');
  });
});

describe('maxMessageBytes is of all frames together', () => {
  const maxMessageBytes = 1000;

  test('where they are sent', async () => {
    await using pull = await Pull.bind<Frames>('ipc://*', { codec });
    await using push = await Push.connect<Frames>(pull.endpoint, { codec, maxMessageBytes });
    const error = await rejects(push.send([new Uint8Array(500), new Uint8Array(501)]), 'TOO_LARGE');
    expect(String(error)).toContain('1001');
    await push.send([new Uint8Array(500), new Uint8Array(500)]);
    expect((await pull.receive()).map(({ length }) => length)).toEqual([500, 500]);
  });

  test('where they are received, as one fault', async () => {
    const faults: BrokerlessError[] = [];
    await using pull = await Pull.bind<Frames>('ipc://*', {
      codec,
      maxMessageBytes,
      onFault: (fault) => faults.push(fault),
    });
    await using push = await Push.connect<Frames>(pull.endpoint, { codec });
    void push.send(numbers(3).map(() => new Uint8Array(400)));
    void push.send([frame('good')]);
    expect(texts(await pull.receive())).toEqual(['good']);
    expect(pull.stats()).toMatchObject({ faults: 1, received: 1 });
    expect(faults.map(({ code }) => code)).toEqual(['BAD_MESSAGE']);
  });
});

test('a schema sees the frames', async () => {
  await using pull = await Pull.bind<Frames>('ipc://*', {
    codec,
    schema: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          (value as Frames).length === 2
            ? { value: value as Frames }
            : { issues: [{ message: 'not two frames' }] },
      },
    },
  });
  await using push = await Push.connect<Frames>(pull.endpoint, { codec });
  for (const shape of [['a'], ['b', 'c'], ['d', 'e', 'f']]) void push.send(shape.map(frame));
  void push.send([frame('g'), frame('h')]);
  expect((await receiveAll(pull, 2)).map(texts)).toEqual([
    ['b', 'c'],
    ['g', 'h'],
  ]);
  expect(pull.stats().faults).toBe(2);
});

test('raw zeromq sockets see the same frames, both ways', async () => {
  await using router = await Router.bind<Frames>('tcp://127.0.0.1:*', { codec });
  const req = new zmq.Request({ receiveTimeout: 5000, linger: 0 });
  req.connect(router.endpoint);
  await req.send(['a', 'b']);
  const { peer, value } = await router.receive();
  expect(texts(value)).toEqual(['', 'a', 'b']);
  await router.send(peer, [frame(''), frame('c')]);
  expect(texts(await req.receive())).toEqual(['c']);
  req.close();
});

test('200,000 empty frames in a message are a value like any other', async () => {
  await using pull = await Pull.bind<Frames>('tcp://127.0.0.1:*', { codec });
  await using push = await Push.connect<Frames>(pull.endpoint, { codec });
  await push.send(numbers(200_000).map(() => new Uint8Array(0)));
  let length = 0;
  void pull.receive().then((value) => {
    length = value.length;
  });
  await until(() => length === 200_000, { timeoutMs: 10_000 });
});
