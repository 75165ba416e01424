/**
 * Stall: a server with a good client, for strangers to come to.
 */
import type { BrokerlessError } from 'brokerless';
import {
  call,
  contract,
  event,
  type HandlersOf,
  type ServeOptions,
  stream,
} from 'brokerless/patterns/service';
import { expect } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { helloOf, RawClient } from './raw.ts';
import { gate, LONG, pair } from './running.ts';

const methods = {
  double: call<number, number>(),
  hold: call<number, number>(),
  count: stream<number, number>(),
  noted: event<number>(),
};

const stalls = contract('stalls', methods);
/** What a client of it says first. */
export const HELLO = helloOf('stalls', 'call double', 'call hold', 'stream count', 'event noted');
/** The places of its methods in that. */
export const [DOUBLE, HOLD, COUNT, NOTED] = [0, 1, 2, 3] as const;

/** A server with a good client, what it was told of faults, and how its streams have ended. */
export async function start(options: Partial<ServeOptions> = {}) {
  const faults: BrokerlessError[] = [];
  const { opened, open } = gate();
  const streams = { begun: 0, ended: 0 };
  const handlers: HandlersOf<typeof methods> = {
    double: (x) => 2 * x,
    hold: (x) => opened.then(() => x),
    async *count(from) {
      streams.begun += 1;
      try {
        for (let n = from; ; n += 1) yield n;
      } finally {
        streams.ended += 1;
      }
    },
    noted: () => {},
  };
  const heard = { onFault: (fault: BrokerlessError) => void faults.push(fault) };
  const stall = await pair(stalls, handlers, {
    serve: { heartbeatMs: 60_000, ...heard, ...options },
  });
  return { ...stall, faults, open, streams };
}

/** The same. */
export type Stall = Awaited<ReturnType<typeof start>>;

/** The good client is served. */
export async function expectServed({ client }: Pick<Stall, 'client'>, count = 100): Promise<void> {
  const answers = await Promise.all(numbers(count).map((n) => client.double(n, LONG)));
  expect(answers).toEqual(numbers(count).map((n) => 2 * n));
}

/** A stranger that has introduced itself. */
export async function introduced({ server }: Pick<Stall, 'server'>): Promise<RawClient> {
  const stranger = new RawClient(server.endpoint);
  await stranger.say(HELLO);
  await stranger.hears('welcome');
  return stranger;
}
