/**
 * A broker's rules that a test tells things, and what they have sent and told.
 */
import {
  assignBy,
  type BrokerAct,
  type BrokerPort,
  type BrokerRuleOptions,
  type PeerMessage,
} from 'brokerless/kit';
import { decode } from 'cbor-x';
import { BalancerRules, type WorkerLoss } from '../../../patterns/load-balancer/rules.ts';
import { BrokerlessError } from '../../../src/errors.ts';
import { texts } from './balancing.ts';

type Act = BrokerAct<WorkerLoss>;
/** A frame, or its text. */
export type Frame = string | Uint8Array;

/** A frame. */
export const bytes = (frame: Frame): Uint8Array =>
  typeof frame === 'string' ? Buffer.from(frame) : frame;

/** A broker that is told things, and what it has sent. */
export class RulesDesk {
  readonly rules: BalancerRules;
  /** What was told: join, lost and why, answered and how long it took. */
  readonly told: string[] = [];
  /** What time it is. */
  now = 1000;
  /** The last message to each worker, and its tag. */
  readonly given = new Map<string, PeerMessage>();
  #sent: [BrokerPort, PeerMessage][] = [];

  constructor(options: Partial<BrokerRuleOptions> = {}) {
    this.rules = new BalancerRules({
      assign: assignBy('longest-idle'),
      epoch: new Uint8Array(8).fill(7),
      random: () => 0,
      maxWaiting: 100,
      maxWaitingBytes: 1e6,
      overflow: 'wait',
      requestMs: 30_000,
      maxWorkers: 10,
      ...options,
    });
  }

  /** What has been sent since this was last asked, as text: to whom, and the frames. */
  sent(): string[] {
    const sent = this.#sent.map(([, { peer, value }]) => `${peer}: ${shown(value)}`);
    this.#sent = [];
    return sent;
  }

  /** A client sends something. */
  ask(client: string, ...frames: Frame[]): this {
    return this.#hear('clients', client, frames);
  }

  /** A worker says something. */
  say(worker: string, ...frames: Frame[]): this {
    return this.#hear('workers', worker, frames);
  }

  /** A worker says READY as a REQ does. */
  ready(...workers: string[]): this {
    for (const worker of workers) this.say(worker, '', 'READY');
    return this;
  }

  /** A worker answers what it was given last. */
  answer(worker: string, ...body: Frame[]): this {
    return this.say(worker, '', this.tag(worker), '', ...body);
  }

  /** The tag of what a worker was given last. */
  tag(worker: string): Uint8Array {
    return this.given.get(worker)?.value[1] as Uint8Array;
  }

  /** A connection has ended. */
  left(port: BrokerPort, peer: string): this {
    return this.#do(this.rules.left(port, peer, this.now));
  }

  /** A message did not leave. */
  unsent(to: BrokerPort, message: PeerMessage, code: BrokerlessError['code']): this {
    return this.#do(this.rules.unsent(to, message, new BrokerlessError(code, code), this.now));
  }

  /** It is so late. */
  tickAt(now: number): this {
    this.now = now;
    return this.#do(this.rules.tick(now));
  }

  #hear(from: BrokerPort, peer: string, frames: readonly Frame[]): this {
    return this.#do(this.rules.receive(from, { peer, value: frames.map(bytes) }, this.now));
  }

  #do(actions: readonly Act[]): this {
    for (const action of actions) {
      if (action.kind === 'tell') {
        const { kind, ...rest } = action.what;
        this.told.push([kind, ...Object.values(rest)].join(' '));
      } else if (action.kind === 'send') {
        this.#sent.push([action.to, action.message]);
        if (action.to === 'workers') this.given.set(action.message.peer, action.message);
      }
    }
    return this;
  }
}

/** Frames as text: tags as `#job.attempt`, a failure by its code. */
function shown(value: readonly Uint8Array[]): string {
  return value.map((frame, at) => shownFrame(frame, at === value.length - 1)).join('|');
}

function shownFrame(frame: Uint8Array, isLast: boolean): string {
  if (frame.length === 16 && frame[0] === 7) return `#${frame[13]}.${frame[15]}`;
  if (isLast && (frame[0] as number) >> 5 === 5) return (decode(frame) as { code: string }).code;
  return texts([frame])[0] ?? '';
}
