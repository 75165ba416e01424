/**
 * Peer desk: the rules of a worker, or of a producer, at a table, with a clock that the test turns, and what they
 * decide in words: `ready 2`, `hello me`, `beat`, `done 1/1`, `back 1/1`, `begin 1/1:a`, `stop 1/1`, `put 1:a`,
 * `accepted 1=7`, `ended 7 done`, `over`, `reopen`.
 */
import { type Action, type Frames, ListWriter } from 'brokerless/kit';
import { expect } from 'vitest';
import type { Answer, Job, WorkerTold } from '../../../patterns/work-queue/job-rules.ts';
import {
  numbers,
  read,
  type Status,
  welcome,
  word,
} from '../../../patterns/work-queue/messages.ts';
import { ProducerRules } from '../../../patterns/work-queue/producer-rules.ts';
import type { ProducerRulesOptions, ProducerTold } from '../../../patterns/work-queue/put-rules.ts';
import { WorkerRules, type WorkerRulesOptions } from '../../../patterns/work-queue/worker-rules.ts';
import { BEAT_MS, bytesOf, TTL_MS, textOf } from './queue-desk.ts';

const link = {
  missesAllowed: TTL_MS / BEAT_MS,
  reconnect: { baseMs: 1000, maxMs: 8000 },
  random: () => 0.999_999, // Waits are as long as they may be.
};

/** How long a peer waits after the first connection that was lost. */
export const RECONNECT_MS = 999;

type Told = WorkerTold | ProducerTold;

abstract class PeerDesk {
  /** What time it is. */
  now = 1000;
  /** The rules. */
  abstract readonly rules: WorkerRules | ProducerRules;
  /** What was sent last. */
  readonly sent: Frames[] = [];

  /** The queue says anything. */
  hear(frames: Frames): string[] {
    return this.did(this.rules.receive('queue', frames, this.now));
  }

  /** The queue knows the peer. */
  welcome(epoch = 'life'): string[] {
    return this.hear(welcome(epoch, BEAT_MS));
  }

  /** The queue beats. */
  beat(): string[] {
    return this.hear(word('beat'));
  }

  /** The connection has ended. */
  left(): string[] {
    return this.did(this.rules.left('queue', '', this.now));
  }

  /** What was sent last has not left. */
  unsent(): string[] {
    const frames = this.sent.at(-1) as Frames;
    return this.did(this.rules.unsent('queue', frames, new Error('no'), this.now));
  }

  /** Time passes and the peer is punctual: it ticks whenever it is due. */
  pass(ms: number): string[] {
    const end = this.now + ms;
    const seen: string[] = [];
    while ((this.rules.deadline ?? Infinity) <= end) {
      this.now = Math.max(this.now, this.rules.deadline ?? end);
      seen.push(...this.tick());
    }
    this.now = end;
    return seen;
  }

  /** Time passes, and the queue beats all the while. The peer's own beats are left out. */
  passWithBeats(ms: number): string[] {
    const seen: string[] = [];
    for (let left = ms; left > 0; left -= BEAT_MS) {
      seen.push(...this.pass(Math.min(left, BEAT_MS)), ...this.beat());
    }
    return seen.filter((each) => each !== 'beat');
  }

  /** The process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The peer looks at the clock. */
  tick(): string[] {
    const seen = this.did(this.rules.tick(this.now));
    const due = this.rules.deadline ?? Infinity;
    expect(due, 'when it is due next').toBeGreaterThan(this.now - Number(seen.includes('reopen')));
    return seen;
  }

  /** What is decided, in words, with the end of the turn. */
  protected did(decided: readonly Action<'queue', Frames, Told>[]): string[] {
    return [...decided, ...this.rules.flush()].flatMap((act) => {
      if (act.kind === 'reopen') return ['reopen'];
      if (act.kind === 'tell') return this.told(act.what);
      this.sent.push(act.message);
      const [said, ...rest] = read(act.message)?.list ?? [];
      return [[String(said), ...wordsOf(String(said), rest)].join(' ')];
    });
  }

  /** What is told, in words. */
  protected abstract told(what: Told): string[];
}

function wordsOf(said: string, rest: readonly unknown[]): string[] {
  if (said === 'ready') return [String(rest[1])];
  if (said === 'hello') return [String(rest[1])];
  const steps: Record<string, number> = { done: 3, failed: 3, discard: 3, back: 2 };
  const step = steps[said];
  const piece = (at: number): string => String(rest[at]);
  if (said === 'put') {
    const puts: string[] = [`(${piece(0)})`];
    for (let at = 1; at < rest.length; at += 3) puts.push(`${piece(at)}:${textOf(rest[at + 1])}`);
    return puts;
  }
  if (step === undefined) return rest.map(String);
  const items: string[] = [];
  for (let at = 0; at < rest.length; at += step) items.push(`${piece(at)}/${piece(at + 1)}`);
  return items;
}

const named = ({ n, attempt }: Job): string => `${n}/${attempt}`;

/** The rules of a worker, and time. */
export class WorkerDesk extends PeerDesk {
  override readonly rules: WorkerRules;
  /** What it was told to begin, by number. */
  readonly jobs = new Map<number, Job>();

  constructor(options: Partial<WorkerRulesOptions> = {}) {
    super();
    this.rules = new WorkerRules({ ...link, concurrency: 1, credit: 4, ...options });
  }

  /** A worker that the queue knows. */
  static met(options: Partial<WorkerRulesOptions> = {}): WorkerDesk {
    const desk = new WorkerDesk(options);
    desk.tick();
    expect(desk.welcome()).toEqual([]);
    return desk;
  }

  /** The queue gives items, `1:a` or `1/2:a`, in one message. */
  items(...items: readonly string[]): string[] {
    const list = new ListWriter('items');
    for (const item of items) {
      const [n, attempt = '1', body = ''] = item.replace(/^(\d+):/, '$1/1:').split(/[/:]/);
      list.uint(Number(n)).uint(Number(attempt)).binary(bytesOf(body));
    }
    return this.hear([list.done()]);
  }

  /** The queue says that nobody wants these attempts any more: number, attempt, and so on. */
  stop(...pairs: readonly number[]): string[] {
    const list = new ListWriter('stop');
    for (const each of pairs) list.uint(each);
    return this.hear([list.done()]);
  }

  /** The handler has answered for an item that was begun. */
  answer(n: number, said: Answer = 'done', body = 'r'): string[] {
    const job = this.jobs.get(n) as Job;
    return this.did(this.rules.answer(job, said, bytesOf(body), this.now));
  }

  /** The application wants it to leave. */
  leave(): string[] {
    return this.did(this.rules.leave(this.now));
  }

  protected told(what: Told): string[] {
    if (what.kind === 'begin') {
      this.jobs.set(what.job.n, what.job);
      return [`begin ${named(what.job)}:${textOf(what.job.body)}`];
    }
    if (what.kind === 'stop') return [`stop ${what.jobs.map(named).join(' ')}`.trim()];
    return [what.kind === 'version' ? `version ${what.theirs}` : what.kind];
  }
}

/** The rules of a producer, and time. */
export class ProducerDesk extends PeerDesk {
  override readonly rules: ProducerRules;

  constructor(options: Partial<ProducerRulesOptions> = {}) {
    super();
    this.rules = new ProducerRules({ ...link, session: 'me', maxUnanswered: 3, ...options });
  }

  /** A producer that the queue knows. */
  static met(options: Partial<ProducerRulesOptions> = {}): ProducerDesk {
    const desk = new ProducerDesk(options);
    desk.tick();
    expect(desk.welcome()).toEqual([]);
    return desk;
  }

  /** The application sends items, in one turn. */
  put(...bodies: readonly string[]): string[] {
    const acts = bodies.flatMap((body) => {
      const put = { body: bytesOf(body), wishes: undefined, isFollowed: body.startsWith('!') };
      return this.rules.put(put).acts;
    });
    return this.did(acts);
  }

  /** The application wants to know how an item ends. */
  ask(id: string): string[] {
    return this.did(this.rules.ask(id));
  }

  /** The application wants an item no more. */
  cancel(id: string): string[] {
    return this.did(this.rules.cancel(id));
  }

  /** The application has nothing more to send. */
  leave(): string[] {
    return this.did(this.rules.leave());
  }

  /** The queue accepts items: seq, number, and so on. */
  accepted(...pairs: readonly number[]): string[] {
    const list = new ListWriter('accepted');
    for (const each of pairs) list.uint(each);
    return this.hear([list.done()]);
  }

  /** The queue refuses an item. */
  refused(seq: number, code: string): string[] {
    return this.hear([new ListWriter('refused').uint(seq).text(code).text('why').done()]);
  }

  /** The queue tells how an item has ended. */
  outcome(n: number, status: Status = 'done'): string[] {
    const list = new ListWriter('outcome').uint(n).text(status).uint(1).binary(bytesOf('r'));
    return this.hear([list.done()]);
  }

  /** The queue speaks another version. */
  version(theirs: number): string[] {
    return this.hear(numbers('version', theirs));
  }

  protected told(what: Told): string[] {
    if (what.kind === 'accepted') return [`accepted ${what.seq}=${what.n}`];
    if (what.kind === 'refused') return [`refused ${what.seq} ${what.code} ${what.reason}`];
    if (what.kind === 'ended') {
      return what.ends.map(({ n, status }) => `ended ${what.epoch}-${n} ${status}`);
    }
    if (what.kind === 'unknown') return [`unknown ${what.id}`];
    return [what.kind === 'version' ? `version ${what.theirs}` : what.kind];
  }
}
