/**
 * Server desk: the rules of a server at a table, with a clock that the test turns and handlers that it plays. What they
 * decide is put in words:
 *
 * - what is said to a client: `c: welcome 1000 h`, `c: result 1 yes`, `c: refused 1 OVERLOADED`, `c: begun 1`
 * - what is begun, by its input: `begin one`
 * - what is told: `joined c`, `lost c silent`, `unwanted one cancelled`, `stop one cancelled` if it is at work
 */
import type { Frames } from 'brokerless/kit';
import { expect } from 'vitest';
import { entry } from '../../../patterns/service/messages.ts';
import type { Served } from '../../../patterns/service/served-rules.ts';
import type { ServerAct, ServerTold } from '../../../patterns/service/server-acts-rules.ts';
import { ServerRules, type ServerRulesOptions } from '../../../patterns/service/server-rules.ts';
import type { Session } from '../../../patterns/service/session-rules.ts';
import { type Entry, entriesOf, itemOf, messageOf, shown } from './entries.ts';

/** How often a desk's server beats, and for how long its clients may be silent. */
export const [BEAT_MS, TTL_MS] = [1000, 3000] as const;

/** After what time at work a client is told that it has begun. */
export const ANNOUNCE_MS = 10;

/** What a client says first, if it wants what there is. */
export const hello: Entry = [
  'hello',
  'math',
  '1',
  'h',
  3,
  'call call',
  'stream stream',
  'event event',
];

/** What is asked besides its name. */
export interface Wishes {
  readonly ms?: number;
  readonly key?: string;
}

/** The rules of a server, and time. */
export class ServerDesk {
  /** What time it is. */
  now = 1000;
  readonly rules: ServerRules;
  /** Whether what is begun takes longer than a turn. */
  isLasting = true;
  /** What was begun, by the name it was asked by: the last of them. */
  readonly begun = new Map<string, Served>();
  /** Who has asked what about the server. */
  readonly questions: { readonly session: Session; readonly number: number }[] = [];

  constructor(options: Partial<ServerRulesOptions> = {}) {
    const places = new Map([
      ['call call', 0],
      ['stream stream', 1],
      ['event event', 2],
    ]);
    this.rules = new ServerRules({
      offer: { name: 'math', version: '1', hash: 'h', places },
      kinds: ['call', 'stream', 'event'],
      concurrency: 10,
      maxQueued: 3,
      maxQueueBytes: 1000,
      maxUnreadBytes: 64 << 20,
      heartbeatMs: BEAT_MS,
      missesAllowed: TTL_MS / BEAT_MS,
      maxClients: 3,
      keepRepliesMs: 1000,
      maxReplies: 3,
      maxReplyBytes: 1 << 20,
      ...options,
    });
  }

  /** A server that knows these clients: `c` by default. */
  static met(options: Partial<ServerRulesOptions> = {}, clients = 'c'): ServerDesk {
    const desk = new ServerDesk(options);
    for (const client of clients.split(' ')) desk.say(client, hello);
    return desk;
  }

  /** A client says something. */
  say(client: string, ...entries: readonly Entry[]): string[] {
    return this.sayFrames(client, messageOf(...entries));
  }

  /** A client says anything. */
  sayFrames(client: string, value: Frames): string[] {
    return this.did(this.rules.receive('clients', { peer: client, value }, this.now));
  }

  /** A client calls, under a number and a name. */
  call(client: string, n: number, name: string, wishes: Wishes = {}): string[] {
    return this.say(client, callOf(n, name, wishes));
  }

  /** A client wants a stream. */
  open(client: string, n: number, name: string, credit: number, ms = 0): string[] {
    return this.say(client, ['open', n, 1, ms, credit, null, name]);
  }

  /** A handler has answered, and all others that are in line may begin. */
  answer(name: string, value: unknown = 'yes'): string[] {
    const answer = { kind: entry.result, body: itemOf(value) };
    return this.finish((now) => this.rules.answer(this.served(name), answer, now));
  }

  /** A handler has thrown. */
  fail(name: string, value: unknown = 'why'): string[] {
    const answer = { kind: entry.failed, body: itemOf(value) };
    return this.finish((now) => this.rules.answer(this.served(name), answer, now));
  }

  /** A handler was not asked after all, or has stopped as it was told. */
  giveUp(name: string): string[] {
    return this.finish((now) => this.rules.giveUp(this.served(name), 'why', now));
  }

  /** The handler of a stream gives values, if it may. */
  items(name: string, ...values: readonly unknown[]): string[] {
    const served = this.served(name);
    return this.did(
      values.flatMap((value) => this.rules.item(served, itemOf(value), this.now).slice()),
    );
  }

  /** A stream or an event has ended. */
  end(name: string): string[] {
    return this.finish((now) => this.rules.end(this.served(name), now));
  }

  /** The server asks its clients to ask others. */
  drain(): string[] {
    return this.did(this.rules.drain(this.now));
  }

  /** The connection of a client has ended. */
  left(client: string): string[] {
    return this.did(this.rules.left('clients', client));
  }

  /** A client has not taken what was said to it. */
  unsent(client: string): string[] {
    return this.did(this.rules.unsent('clients', { peer: client, value: [] }));
  }

  /** Time passes, and the server is punctual: it ticks whenever it is due. */
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

  /** Time passes, and these clients beat all the while. The server's own beats are left out. */
  passWithBeats(ms: number, clients = 'c'): string[] {
    const seen: string[] = [];
    for (let left = ms; left > 0; left -= BEAT_MS) {
      seen.push(...this.pass(Math.min(left, BEAT_MS)));
      for (const client of clients.split(' ')) seen.push(...this.say(client, ['beat']));
    }
    return seen.filter((each) => !each.endsWith(': beat'));
  }

  /** The process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The server looks at the clock. */
  tick(): string[] {
    const seen = this.did(this.rules.tick(this.now));
    expect(this.rules.deadline ?? Infinity, 'when it is due next').toBeGreaterThan(this.now);
    return seen;
  }

  /** What was begun by that name. */
  served(name: string): Served {
    const served = this.begun.get(name);
    if (served === undefined) throw new Error(`${name} has not begun`);
    return served;
  }

  /** What is being carried out, what waits, and what clients have asked that is not over. */
  get load(): readonly number[] {
    const { jobs, clients } = this.rules;
    const asked = clients.sessions.all().reduce((sum, session) => sum + session.asked.size, 0);
    return [jobs.running, jobs.depth, asked];
  }

  /** What is decided, in words, with the end of the turn. */
  did(decided: readonly ServerAct[]): string[] {
    return [...this.wordsOf(decided), ...this.wordsOf(this.rules.flush())];
  }

  private finish(decide: (now: number) => readonly ServerAct[]): string[] {
    const words = this.wordsOf(decide(this.now));
    return [...words, ...this.work(), ...this.wordsOf(this.rules.flush())];
  }

  private wordsOf(acts: readonly ServerAct[]): string[] {
    return acts.flatMap((act) => {
      if (act.kind === 'tell') return this.told(act.what);
      if (act.kind === 'reopen') return ['reopen'];
      const { peer, value } = act.message;
      return entriesOf(value).map((each) => `${peer}: ${said(each)}`);
    });
  }

  private told(what: ServerTold): string[] {
    if (what.kind === 'work') return this.work();
    if (what.kind === 'unwanted') {
      return [`${what.isAtWork ? 'stop' : 'unwanted'} ${nameOf(what.served)} ${what.why}`];
    }
    if (what.kind === 'forsaken') return [`stop ${nameOf(what.served)} ${what.why}`];
    if (what.kind === 'question') {
      this.questions.push(what);
      return [`question ${what.session.peer} ${what.number} ${what.question}`];
    }
    if ('served' in what) return [`${what.kind} ${nameOf(what.served)}`];
    if (what.kind === 'lost') return [`lost ${what.client} ${what.reason}`];
    return ['client' in what ? `${what.kind} ${what.client}` : what.kind];
  }

  /** Begins what can be begun. */
  private work(): string[] {
    const words: string[] = [];
    for (;;) {
      const acts: ServerAct[] = [];
      const served = this.rules.take(this.now, acts);
      words.push(...this.wordsOf(acts));
      if (served === undefined) return words;
      words.push(`begin ${nameOf(served)}`);
      this.begun.set(nameOf(served), served);
      if (this.isLasting) this.rules.lasts(served);
    }
  }
}

/** A call, as a client asks it. */
export function callOf(n: number, name: string, { ms = 0, key }: Wishes = {}): Entry {
  return ['call', n, 0, ms, key === undefined ? null : { key }, name];
}

const nameOf = ({ came }: Served): string => shown(came.input);

function said([name, ...pieces]: Entry): string {
  const told = name === 'refused' ? pieces.slice(0, 2) : pieces; // Why is for people.
  return [name, ...told.map(String)].join(' ');
}
