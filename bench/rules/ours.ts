/**
 * Ours: the rules of the patterns with their defaults, and one step of each.
 *
 * Rules are not exported: this file and simulated.ts reach into `patterns` for them.
 */
import { assignBy, EPOCH_BYTES, type Frames, newBytes } from 'brokerless/kit';
import { PirateRequest } from '../../patterns/lazy-pirate/request-rules.ts';
import { LazyPirateRules } from '../../patterns/lazy-pirate/rules.ts';
import { BalancerRules } from '../../patterns/load-balancer/rules.ts';
import { QueueRules } from '../../patterns/paranoid-pirate/queue-rules.ts';
import { LaneRules } from '../../patterns/paranoid-pirate/worker-rules.ts';
import { brokerStep } from './broker.ts';
import type { Crowd } from './job.ts';

const DELIMITER = new Uint8Array(0);
const body = new Uint8Array(100);

/** A broker's step. */
export function ourBroker({ broker, workers }: Crowd): () => void {
  const options = {
    assign: assignBy('longest-idle'),
    maxWaiting: 1000,
    maxWaitingBytes: 64 << 20,
    overflow: 'wait',
    requestMs: 30_000,
    maxWorkers: 10_000,
    random: Math.random,
    epoch: newBytes(EPOCH_BYTES),
  } as const;
  if (broker === 'load balancer') {
    const ready = [DELIMITER, Buffer.from('READY')];
    return brokerStep(new BalancerRules(options), workers, ready);
  }
  const beats = { heartbeatMs: 1000, missesAllowed: 3, maxAttempts: 3 };
  return brokerStep(new QueueRules({ ...options, ...beats }), workers, [Uint8Array.of(0x01)]);
}

/** A worker's lane: a request comes, is done at once, and its reply leaves. */
export function ourLane(): () => void {
  const rules = new LaneRules({
    heartbeatMs: 1000,
    missesAllowed: 3,
    heartbeatWhileBusy: true,
    reconnect: { baseMs: 500, maxMs: 10_000 },
    random: Math.random,
  });
  const request: Frames = [new Uint8Array(16), DELIMITER, body];
  let now = 0;
  rules.tick(now);
  return () => {
    now += 0.01;
    if (now >= (rules.deadline ?? Number.POSITIVE_INFINITY)) rules.tick(now);
    for (const action of rules.receive('broker', request, now)) {
      if (action.kind !== 'tell' || action.what.kind !== 'job') continue;
      const { job } = action.what;
      if (rules.answer(job, job.body, now).length !== 1) throw new Error('no reply');
    }
  };
}

/** A client's step: the reply to what was asked first, and the next question. */
export function ourClient(inFlight: number): () => void {
  const rules = new LazyPirateRules<null>({
    servers: ['tcp://127.0.0.1:5555'],
    freshAfter: 2,
    connectMs: 1000,
    startedAt: 0,
    backoff: { baseMs: 50, maxMs: 2000 },
    random: Math.random,
    salt: newBytes(8),
    window: 1,
  });
  const patience = { timeoutMs: 2500, attempts: 3, deadlineMs: Infinity, priority: 0 };
  const atServer: Frames[] = [];
  let now = 0;
  let next = 0;
  const act = (actions: ReturnType<typeof rules.ask>): void => {
    for (const action of actions)
      if (action.kind === 'send') atServer[next++ % inFlight] = action.message;
  };
  const ask = (): void => {
    act(rules.ask(new PirateRequest(null, body, patience), now));
    act(rules.taken(now));
  };
  rules.connected(true, now);
  for (let i = 0; i < inFlight; i += 1) ask();
  return () => {
    now += 0.01;
    if (now >= (rules.deadline ?? Number.POSITIVE_INFINITY)) act(rules.tick(now));
    if (!rules.accepts()) throw new Error('no reply is expected');
    rules.receive('server', atServer[next % inFlight], now); // The server sends back what it gets.
    ask();
  };
}
