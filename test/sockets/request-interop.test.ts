/**
 * Peers of Request and Reply that know only REQ, REP, DEALER and ROUTER: each is answered, and answers.
 */
import { Reply, Request } from 'brokerless';
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { temporaryFolder } from '../support/consumer.ts';
import { python, requirePython } from '../support/python.ts';
import { until } from '../support/until.ts';

const sample = [1, -5, 'ünï', [1, [2]], { a: { b: null } }, true, 0.5, 2 ** 40];

/** Answers with what it was asked, and fails where it was asked to. */
function echo(value: unknown): unknown {
  if (value !== 'fail') return value;
  throw Object.assign(new Error('out of paper'), { code: 'ENOPAPER', data: { tray: 2 } });
}

const failure = { code: 'ENOPAPER', message: 'out of paper', data: { tray: 2 } };

describe('a raw zeromq', () => {
  test('Request asks a Reply', async () => {
    await using reply = await Reply.bind('tcp://127.0.0.1:*');
    void reply.serve(echo);
    for (const correlate of [false, true]) {
      using raw = disposable(new zmq.Request({ correlate, receiveTimeout: 5000 }));
      raw.socket.connect(reply.endpoint);
      for (const value of sample) {
        await raw.socket.send(encode(value));
        const frames = await raw.socket.receive();
        expect(frames.map((frame): unknown => decode(frame))).toEqual([value]);
      }
      await raw.socket.send(encode('fail'));
      const [empty, body, ...more] = await raw.socket.receive();
      expect([empty?.length, decode(body ?? Buffer.alloc(0)), more]).toEqual([0, failure, []]);
      await raw.socket.send(Buffer.from([0xff]));
      const [sign, bad] = await raw.socket.receive();
      expect([sign?.length, decode(bad ?? Buffer.alloc(0))]).toMatchObject([
        0,
        { code: 'BAD_MESSAGE' },
      ]);
    }
  });

  test('Reply answers a Request, one call after the other, however many are in flight', async () => {
    using raw = disposable(new zmq.Reply());
    raw.socket.bindSync('tcp://127.0.0.1:*');
    await using request = await Request.connect(raw.socket.lastEndpoint ?? '');
    const serving = (async () => {
      for (const _ of numbers(100)) await raw.socket.send(await raw.socket.receive());
    })();
    const calls = numbers(100).map((n) => request.request(n));
    expect(await Promise.all(calls)).toEqual(numbers(100));
    await serving;
    expect(request.stats()).toMatchObject({ received: 100, faults: 0, late: 0 });
  });

  test('Router and Dealer between them are passed through, with what they add', async () => {
    using front = disposable(new zmq.Router());
    using back = disposable(new zmq.Dealer());
    front.socket.bindSync('tcp://127.0.0.1:*');
    back.socket.bindSync('tcp://127.0.0.1:*');
    const relay = async (from: zmq.Router | zmq.Dealer, to: zmq.Router | zmq.Dealer) => {
      try {
        for await (const frames of from) await to.send(frames);
      } catch {
        // Closed while it waited.
      }
    };
    const proxies = [relay(front.socket, back.socket), relay(back.socket, front.socket)];
    await using reply = await Reply.connect(back.socket.lastEndpoint ?? '');
    void reply.serve(echo);
    await using request = await Request.connect(front.socket.lastEndpoint ?? '');
    expect(await Promise.all(sample.map((value) => request.request(value)))).toEqual(sample);
    await rejects(request.request('fail'), 'HANDLER_FAILED');
    front.socket.close();
    back.socket.close();
    await Promise.all(proxies);
  });
});

function disposable<Raw extends zmq.Socket>(socket: Raw) {
  return { socket, [Symbol.dispose]: () => socket.close() };
}

/** Runs a peer to its end; what it printed. */
async function peer(program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await python(new URL(`peers/${program}`, import.meta.url), args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/**
 * Ends a server. Its answer may be lost: libzmq throws away what a DEALER with ZMQ_IMMEDIATE has not
 * read yet when its connection ends.
 */
function stop<In>(request: Request<unknown, In> | Request<string, In>): void {
  (request as Request<string, In>).request('stop').catch(() => {});
}

describe('Python, with pyzmq and cbor2', () => {
  test.for(['req', 'correlate', 'dealer'])('asks a Reply by %s', async (how, context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using reply = await Reply.bind('tcp://127.0.0.1:*');
    void reply.serve(echo);
    const asked = [...sample, 'fail', 'after'];
    const answers = await peer('req.py', how, reply.endpoint, JSON.stringify(asked));
    const expected = asked.map((value) => (value === 'fail' ? { failure } : { value }));
    expect(JSON.parse(answers)).toEqual(expected);
    expect(reply.stats()).toMatchObject({ received: asked.length, faults: 0, dropped: 0 });
  });

  test('recognises an error without data, and a request that made no sense', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using reply = await Reply.bind('tcp://127.0.0.1:*', { maxMessageBytes: 50 });
    void reply.serve(() => Promise.reject(new Error('plain')));
    const asked = JSON.stringify(['short', 'x'.repeat(100)]);
    expect(JSON.parse(await peer('req.py', 'req', reply.endpoint, asked))).toEqual([
      { failure: { code: 'HANDLER_FAILED', message: 'plain' } },
      { failure: { code: 'BAD_MESSAGE', message: expect.any(String) } },
    ]);
  });

  test('asks with bytes as they are', async (context) => {
    requirePython(context, 'zmq');
    await using reply = await Reply.bind<Uint8Array, Uint8Array>('ipc://*', { codec: 'raw' });
    void reply.serve((bytes) => Buffer.from(Buffer.from(bytes).toString().toUpperCase()));
    const answers = await peer('req.py', 'text', reply.endpoint, '["ünï", "", "two"]');
    expect(JSON.parse(answers)).toEqual(['ÜNÏ', '', 'TWO'].map((value) => ({ value })));
  });

  test('answers a Request by REP', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using folder = await temporaryFolder();
    const endpoint = `ipc://${folder.path}/rep`;
    const serving = peer('rep.py', 'bind', endpoint, 'one');
    const options = { reconnectMs: 10, reconnectMaxMs: 50, timeoutMs: 10_000 };
    await using request = await Request.connect(endpoint, options);
    const calls = sample.map((value) => request.request(value));
    expect(await Promise.all(calls)).toEqual(sample.map((value) => ({ who: 'one', echo: value })));
    const error = await rejects(request.request('fail'), 'HANDLER_FAILED');
    const { message, ...data } = failure;
    expect(error).toMatchObject({ message, data, mayHaveRun: 'maybe' });
    stop(request);
    await serving;
  });

  test('answers a Request by two REPs, which share the calls', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using request = await Request.bind<unknown, { who: string; echo: unknown }>(
      'tcp://127.0.0.1:*',
      { timeoutMs: 10_000 },
    );
    const names = ['one', 'other'];
    const serving = names.map((name) => peer('rep.py', 'connect', request.endpoint, name));
    await until(() => request.stats().connections === 2, { timeoutMs: 10_000 });
    const answers = await Promise.all(numbers(100).map((n) => request.request(n)));
    expect(answers.map((answer) => answer.echo)).toEqual(numbers(100));
    for (const name of names) expect(answers.filter(({ who }) => who === name)).toHaveLength(50);
    for (const _ of names) stop(request);
    await Promise.all(serving);
  });

  test('answers bytes as they are', async (context) => {
    requirePython(context, 'zmq');
    const options = { codec: 'text', timeoutMs: 10_000 } as const;
    await using request = await Request.bind<string, string>('tcp://127.0.0.1:*', options);
    const serving = peer('rep.py', 'connect-text', request.endpoint, 'one');
    expect(await request.request('text')).toBe('TEXT');
    expect(await request.request('')).toBe('');
    stop(request);
    await serving;
  });
});
