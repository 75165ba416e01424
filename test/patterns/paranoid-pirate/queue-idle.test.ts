/**
 * Tests of a queue's rules: after whatever has happened nothing is left behind, and the timer is set for
 * what there is to wait for and for nothing else.
 */
import { BrokerlessError } from 'brokerless';
import { encodeTag } from 'brokerless/kit';
import { expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { randomFrom } from '../pipeline/net.ts';
import { BEAT_MS, bytesOf, QueueDesk, TTL_MS } from './queue-desk.ts';

const unreachable = new BrokerlessError('UNREACHABLE', 'the peer is not connected');

test('with nobody there and nothing to do there is nothing to wait for', () => {
  const desk = new QueueDesk();
  desk.expectNothingLeft();
  desk.tick();
  desk.expectNothingLeft();
});

test('with a request and no worker it waits until the request is over', () => {
  const desk = new QueueDesk();
  desk.ask('c', 'a', { remainingMs: 700 });
  expect(desk.rules.deadline).toBe(desk.now + 700);
  desk.pass(800);
  desk.expectNothingLeft();
});

test('with a request that is wanted for ever there is nothing to wait for', () => {
  const desk = new QueueDesk();
  desk.ask('c', 'a', { remainingMs: Infinity });
  expect(desk.rules.deadline).toBe(undefined);
});

test('with a worker it waits until the next beat', () => {
  const desk = new QueueDesk();
  desk.ready('w');
  expect(desk.rules.deadline).toBe(desk.now + BEAT_MS);
  desk.pass(BEAT_MS);
  expect(desk.rules.deadline).toBe(desk.now + BEAT_MS);
});

test('a tick that comes too early does nothing', () => {
  const desk = new QueueDesk();
  desk.ready('w');
  desk.ask('c', 'a');
  desk.ask('c', 'b');
  const due = desk.rules.deadline;
  desk.now += BEAT_MS - 1;
  expect(desk.tick()).toEqual([]);
  expect(desk.rules.deadline).toBe(due);
});

test.each(numbers(20))('after three hundred things at random nothing is left (seed %i)', (seed) => {
  const random = randomFrom(seed);
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const desk = new QueueDesk({ maxWaiting: 5, overflow: pick('wait', 'reject'), random });
  const workers = ['u', 'v', 'w', 'x'];
  const things: (() => unknown)[] = [
    () => desk.ready(pick(...workers)),
    () => desk.beat(pick(...workers)),
    () => desk.answer(pick(...workers), 'A'),
    () => desk.answer(pick(...workers), 'A', encodeTag(new Uint8Array(8), 1, 1)),
    () => desk.leave(pick(...workers)),
    () => desk.left('workers', pick(...workers)),
    () => desk.left('clients', pick('c', 'd')),
    () => desk.unsent('workers', pick(...workers), unreachable),
    () => desk.unsent('clients', pick('c', 'd'), unreachable),
    () => desk.ask(pick('c', 'd'), 'a', { remainingMs: random() * 1000, priority: pick(0, 9) }),
    () => desk.hear(pick('workers', 'clients'), pick(...workers, 'c'), bytesOf(pick('', 'x'))),
    () => desk.pass(random() * BEAT_MS),
    () => desk.sleep(random() * TTL_MS),
  ];
  for (let i = 0; i < 300; i += 1) {
    pick(...things)();
    const { crew, requests, deadline } = desk.rules;
    expect(crew.idle > 0 && requests.waiting > 0, 'idle while a request waits').toBe(false);
    expect(crew.idle + crew.busy).toBeLessThanOrEqual(crew.size);
    if (crew.size === 0 && requests.waiting === 0) expect(deadline).toBe(undefined);
  }
  for (const worker of workers) desk.left('workers', worker);
  desk.pass(2000);
  desk.expectNothingLeft();
  const { received, expired, deadLettered } = desk.rules.requests;
  const { answered, dropped } = desk.rules;
  // Those whose replies were not sent count twice, once as answered and once as dropped.
  expect(answered + expired + deadLettered + dropped).toBeGreaterThanOrEqual(received);
  expect(answered + expired + deadLettered).toBeLessThanOrEqual(received);
});
