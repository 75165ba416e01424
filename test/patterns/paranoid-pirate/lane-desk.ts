/**
 * Lane desk: the rules of one lane of a worker at a table, with a clock that the test turns, and what they
 * decide in words: `ready`, `beat`, `leave`, `reply A`, `begin a`, `lost`, `over`, `reopen`.
 */
import { encodeTag, type Frames, type LaneAct, type LaneJob, type LaneTold } from 'brokerless/kit';
import { expect } from 'vitest';
import { commandOf, HEARTBEAT, LEAVE, READY } from '../../../patterns/paranoid-pirate/messages.ts';
import {
  LaneRules,
  type PirateLaneOptions,
} from '../../../patterns/paranoid-pirate/worker-rules.ts';
import { BEAT_MS, bytesOf, TTL_MS } from './queue-desk.ts';

const EMPTY = new Uint8Array(0);
const words = { [READY]: 'ready', [HEARTBEAT]: 'beat', [LEAVE]: 'leave' };

/** The rules of a lane, and time. Waits are as long as they may be, unless `random` says otherwise. */
export class LaneDesk {
  /** What time it is. */
  now = 1000;
  /** The rules. */
  readonly rules: LaneRules;
  /** What it was given to do, first to last. */
  readonly jobs: LaneJob[] = [];
  #asked = 0;

  constructor(options: Partial<PirateLaneOptions> = {}) {
    this.rules = new LaneRules({
      heartbeatMs: BEAT_MS,
      missesAllowed: TTL_MS / BEAT_MS,
      heartbeatWhileBusy: true,
      reconnect: { baseMs: 1000, maxMs: 8000 },
      random: () => 0.999_999,
      ...options,
    });
  }

  /** A lane that the queue has spoken to. */
  static connected(options: Partial<PirateLaneOptions> = {}): LaneDesk {
    const desk = new LaneDesk(options);
    expect(desk.tick()).toEqual(['ready']);
    expect(desk.beat()).toEqual([]);
    return desk;
  }

  /** The queue says anything. */
  hear(...frames: Frames): string[] {
    return this.#did(this.rules.receive('broker', frames, this.now));
  }

  /** The queue beats. */
  beat(): string[] {
    return this.hear(Uint8Array.of(HEARTBEAT));
  }

  /** The queue asks. */
  ask(body: string): string[] {
    this.#asked += 1;
    return this.hear(encodeTag(new Uint8Array(8), this.#asked, 1), EMPTY, bytesOf(body));
  }

  /** The handler has answered: what was begun last, or some other job. */
  answer(body: string, job = this.jobs.at(-1) as LaneJob): string[] {
    return this.#did(this.rules.answer(job, [bytesOf(body)], this.now));
  }

  /** The application wants it to leave. */
  leave(): string[] {
    return this.#did(this.rules.leave(this.now));
  }

  /** The connection has ended. */
  left(): string[] {
    return this.#did(this.rules.left('broker', '', this.now));
  }

  /** Time passes and the lane is punctual: it ticks whenever it is due. */
  pass(ms: number): string[] {
    const end = this.now + ms;
    const seen: string[] = [];
    for (
      let due = this.rules.deadline;
      due !== undefined && due <= end;
      due = this.rules.deadline
    ) {
      this.now = Math.max(this.now, due);
      seen.push(...this.tick());
    }
    this.now = end;
    return seen;
  }

  /** Time passes, and the queue beats all the while. */
  passWithBeats(ms: number): string[] {
    const seen: string[] = [];
    for (let left = ms; left > 0; left -= BEAT_MS) {
      seen.push(...this.pass(Math.min(left, BEAT_MS)), ...this.beat());
    }
    return seen;
  }

  /** The process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The lane looks at the clock. */
  tick(): string[] {
    const seen = this.#did(this.rules.tick(this.now));
    expect(this.rules.deadline ?? Infinity, 'when it is due next').toBeGreaterThanOrEqual(this.now);
    return seen;
  }

  #did(actions: readonly LaneAct[]): string[] {
    return actions.map((action) => {
      if (action.kind === 'reopen') return 'reopen';
      if (action.kind === 'tell') return this.#heard(action.what);
      const said = commandOf(action.message);
      if (said !== undefined) return words[said as keyof typeof words];
      return `reply ${Buffer.from(action.message.at(-1) ?? EMPTY).toString()}`;
    });
  }

  #heard(told: LaneTold): string {
    if (told.kind !== 'job') return told.kind;
    this.jobs.push(told.job);
    return `begin ${told.job.body.map((frame) => Buffer.from(frame).toString()).join('|')}`;
  }
}
