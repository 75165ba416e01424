/**
 * Bound sockets of each type with good peers beside them, for tests of what strangers can do to them.
 */
import {
  Dealer,
  Publisher,
  Reply,
  Request,
  Router,
  type SocketOptions,
  type SocketStats,
  Subscriber,
} from 'brokerless';
import { expect } from 'vitest';
import { numbers } from './collect.ts';

/** What tests ask of a bound socket. */
export type BoundOptions = Pick<SocketOptions<never>, 'handshakeMs' | 'maxMessageBytes'>;

/** A bound socket at work. */
export interface Bound extends AsyncDisposable {
  /** Where it is bound. */
  readonly endpoint: string;
  /** Its numbers. */
  stats(): SocketStats;
  /** Has a good peer connect, talks with it, expects all to go well, and lets go of it. */
  exchange(count: number): Promise<void>;
}

/** A type of socket that strangers may find bound. */
export interface Kind {
  /** The name of its class. */
  readonly name: string;
  /** The ZeroMQ type of its peers, as ZMTP names it. */
  readonly peerType: string;
  /** What a peer's message has before its body. */
  readonly envelope: readonly Uint8Array[];
  /** What messages of these kinds are not: each is one fault. */
  readonly malformed: readonly (readonly string[])[];
  /** Binds it over TCP and sets it to work. */
  open(options?: BoundOptions): Promise<Bound>;
}

const TCP = 'tcp://127.0.0.1:*';
const empty = new Uint8Array(0);

/** A topic of our good publishers, and of strangers. */
export const TOPIC = 'topic';

function bound(socket: Omit<Bound, 'exchange'>, exchange: (count: number) => Promise<void>): Bound {
  return {
    endpoint: socket.endpoint,
    stats: () => socket.stats(),
    exchange,
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  };
}

const reply: Kind = {
  name: 'Reply',
  peerType: 'DEALER',
  envelope: [empty],
  malformed: [['a'], ['a', 'b'], ['a', ''], ['', 'a', 'b'], ['', '', '', ''], ['']],
  async open(options) {
    const socket = await Reply.bind<number, number>(TCP, options);
    void socket.serve((n) => n + 1);
    return bound(socket, async (count) => {
      await using good = await Request.connect<number, number>(socket.endpoint);
      const answers = await Promise.all(numbers(count).map((n) => good.request(n)));
      expect(answers).toEqual(numbers(count).map((n) => n + 1));
    });
  },
};

/** Asks again, as a stranger that looks like a server is dealt questions too. */
const again = { timeoutMs: 60, retries: 50, retryBudget: { ratio: 20, max: 1000 } };

const request: Kind = {
  name: 'Request',
  peerType: 'ROUTER',
  envelope: [],
  malformed: [['a'], ['', 'a'], ['12345678', 'a'], ['12345678', '', 'a'], ['', '', ''], ['']],
  async open(options) {
    const socket = await Request.bind<number, number>(TCP, { ...again, ...options });
    // It reads only while an answer is owed: the first who connects owes this one for long.
    socket.request(0, { timeoutMs: 600_000, retries: 0 }).catch(() => {});
    return bound(socket, async (count) => {
      await using good = await Reply.connect<number, number>(socket.endpoint);
      void good.serve((n) => n + 1);
      await good.ready();
      const asked = numbers(Math.min(count, 30));
      const answers = await Promise.all(asked.map((n) => socket.request(n)));
      expect(answers).toEqual(asked.map((n) => n + 1));
    });
  },
};

const router: Kind = {
  name: 'Router',
  peerType: 'DEALER',
  envelope: [],
  malformed: [['a', 'b'], ['', ''], ['\u0001', '\u0001', '\u0001'], ['\u0019']],
  async open(options) {
    const socket = await Router.bind<number>(TCP, options);
    void (async () => {
      for await (const { peer, value } of socket) void socket.send(peer, value + 1);
    })();
    return bound(socket, async (count) => {
      await using good = await Dealer.connect<number>(socket.endpoint);
      for (const n of numbers(count)) void good.send(n);
      for (const n of numbers(count)) expect(await good.receive()).toBe(n + 1);
    });
  },
};

const dealer: Kind = {
  name: 'Dealer',
  peerType: 'DEALER',
  envelope: [],
  malformed: [['a', 'b'], ['', ''], ['\u0001', '\u0001', '\u0001'], ['\u0019'], ['']],
  async open(options) {
    const socket = await Dealer.bind<number>(TCP, options);
    const got: number[] = [];
    const waiting = new Set<() => void>();
    void (async () => {
      for await (const n of socket) {
        got.push(n);
        for (const look of waiting) look();
      }
    })();
    return bound(socket, async (count) => {
      await using good = await Dealer.connect<number>(socket.endpoint);
      const before = got.length;
      for (const n of numbers(count)) void good.send(n);
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (got.length >= before + count) resolve();
        };
        waiting.add(look);
        look();
      });
      waiting.clear();
      expect(got.slice(before)).toEqual(numbers(count));
    });
  },
};

const publisher: Kind = {
  name: 'Publisher',
  peerType: 'SUB',
  envelope: [],
  malformed: [['a'], ['\u0002topic'], ['a', 'b'], ['\u0002', '\u0001', '\u0001']],
  async open(options) {
    const socket = await Publisher.bind<Record<string, number>>(TCP, options);
    return bound(socket, async (count) => {
      await using good = await Subscriber.connect<Record<string, number>>(socket.endpoint);
      good.subscribe(TOPIC);
      expect(await good.ready()).toBe('subscribed');
      for (const n of numbers(count)) void socket.send(TOPIC, n);
      for (const n of numbers(count)) {
        expect(await good.receive()).toEqual({ topic: TOPIC, value: n });
      }
    });
  },
};

const subscriber: Kind = {
  name: 'Subscriber',
  peerType: 'PUB',
  envelope: [Buffer.from(TOPIC)],
  malformed: [['topic'], ['topic', 'a', 'b'], ['topic', '', ''], ['topic', '', '', '', ''], ['']],
  async open(options) {
    const socket = await Subscriber.bind<Record<string, number>>(TCP, options);
    socket.subscribe('');
    const got: number[] = [];
    void (async () => {
      for await (const { value } of socket) got.push(value);
    })();
    return bound(socket, async (count) => {
      await using good = await Publisher.connect<Record<string, number>>(socket.endpoint);
      await good.subscribers(1);
      const before = got.length;
      for (const n of numbers(count)) void good.send(TOPIC, n);
      await expect.poll(() => got.length, { timeout: 5000 }).toBe(before + count);
      expect(got.slice(before)).toEqual(numbers(count));
    });
  },
};

/** All types of sockets that take from strangers, but Pull and Push, which have tests of their own. */
export const kinds: readonly Kind[] = [reply, request, router, dealer, publisher, subscriber];
