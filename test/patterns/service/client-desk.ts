/**
 * Client desk: the rules of a client at a table, with a clock that the test turns. What they decide is put in words:
 *
 * - what is said to a server: `a: hello`, `a: call 1 one 5000` (number, input, milliseconds), `a: cancel 1`
 * - what is told: `up a`, `down a silent`, `stream < 7`, `one: done yes`, `one: TIMEOUT sent maybe`
 * - what is done: `open a`, `close a`
 */
import type { Frames } from 'brokerless/kit';
import { expect } from 'vitest';
import { roundRobin } from '../../../patterns/service/balance-rules.ts';
import { type Asked, ClientCall } from '../../../patterns/service/call-rules.ts';
import type { ClientAct, ClientTold } from '../../../patterns/service/client-acts-rules.ts';
import { ClientRules, type ClientRulesOptions } from '../../../patterns/service/client-rules.ts';
import type { Question } from '../../../patterns/service/messages.ts';
import { type Entry, entriesOf, itemOf, messageOf, shown } from './entries.ts';

/** How often the servers of a desk beat, and for how long they may be silent. */
export const [BEAT_MS, TTL_MS] = [1000, 3000] as const;

/** How long the first wait for a new connection takes, and the longest: random numbers are as great as can be. */
export const [RECONNECT_MS, LONGEST_MS] = [99, 799] as const;

/** How long the first wait before asking an overloaded server again takes. */
export const REST_MS = 19;

const methods = ['call', 'stream', 'event'] as const;

/** The rules of a client, and time. */
export class ClientDesk {
  /** What time it is. */
  now = 1000;
  readonly rules: ClientRules<string>;
  /** What was asked, by name. */
  readonly calls = new Map<string, ClientCall<string>>();
  /** What was sent last to each server. */
  readonly sent = new Map<string, Frames>();
  /** What came of the questions about servers themselves. */
  readonly answers: unknown[] = [];
  readonly #endpoints = new Map<string, string>(); // By port.

  constructor(options: Partial<ClientRulesOptions> = {}) {
    const signatures = methods.map((kind) => `${kind} ${kind}`);
    this.rules = new ClientRules<string>({
      greeting: { name: 'math', version: '1', hash: 'h', signatures },
      names: methods.map((kind) => `math.${kind}`),
      balance: roundRobin,
      waits: true,
      backoff: { baseMs: 20, maxMs: 100 },
      budget: { ratio: 0, max: 100 },
      missesAllowed: TTL_MS / BEAT_MS,
      reconnect: { baseMs: 100, maxMs: 800 },
      random: () => 0.999_999,
      crowd: Infinity,
      ...options,
    });
  }

  /** A client whom servers know: `a b` by default. */
  static met(options: Partial<ClientRulesOptions> = {}, servers = 'a b'): ClientDesk {
    const desk = new ClientDesk(options);
    desk.update(servers);
    for (const server of servers.split(' ')) desk.welcome(server);
    return desk;
  }

  /** These servers are asked from now on. */
  update(servers: string): string[] {
    const list = servers.split(' ').filter((each) => each !== '');
    return this.did(this.rules.update(list, this.now));
  }

  /** A server says something. */
  hear(server: string, ...entries: readonly Entry[]): string[] {
    return this.hearFrames(server, messageOf(...entries));
  }

  /** A server says anything. */
  hearFrames(server: string, frames: Frames): string[] {
    return this.did(this.rules.receive(this.portOf(server), frames, this.now));
  }

  /** A server knows the client. */
  welcome(server: string, beatMs: number = BEAT_MS): string[] {
    return this.hear(server, ['welcome', beatMs, 'h']);
  }

  /** A server has answered what was asked by that name. */
  result(server: string, name: string, value: unknown = 'yes'): string[] {
    return this.hear(server, ['result', this.number(name), value]);
  }

  /** A server has too much to do, or refuses for another reason. */
  refused(server: string, name: string, code = 'OVERLOADED'): string[] {
    return this.hear(server, ['refused', this.number(name), code, 'why']);
  }

  /** The application asks, or tells: by these names. */
  ask(names: string, wishes: Partial<Asked> & { readonly timeoutMs?: number } = {}): string[] {
    return this.turn(...names.split(' ').map((name) => this.asking(name, wishes)));
  }

  /** What asks by that name, in a turn. */
  asking(
    name: string,
    { timeoutMs = 5000, ...wishes }: Partial<Asked> & { readonly timeoutMs?: number } = {},
  ): (now: number) => readonly ClientAct<string>[] {
    return (now) => {
      const kind = wishes.kind ?? 'call';
      const usual = { kind, askedAt: now, method: methods.indexOf(kind), input: itemOf(name) };
      const more = { meta: undefined, deadline: now + timeoutMs, retries: 0, credit: 4 };
      const call = new ClientCall(name, { ...usual, ...more, ...wishes });
      this.calls.set(name, call);
      return this.rules.ask(call, now);
    };
  }

  /** Nobody waits any more for what was asked by that name. */
  forget(name: string): string[] {
    return this.turn((now) => this.rules.forget(this.call(name), now));
  }

  /** The application asks a server about itself. */
  inquire(server: string, question: Question, timeoutMs = 1000): string[] {
    return this.turn((now) => {
      const link = this.link(server);
      const settle = (answer: Uint8Array | undefined): void => {
        this.answers.push(answer && shown(answer));
      };
      return this.rules.inquire({ link, question, wakeAt: now + timeoutMs, settle }, now);
    });
  }

  /** What is done in one turn of the event loop. */
  turn(...decisions: readonly ((now: number) => readonly ClientAct<string>[])[]): string[] {
    return this.did(decisions.flatMap((decide) => decide(this.now)));
  }

  /** The connection to a server has ended. */
  left(server: string): string[] {
    return this.did(this.rules.left(this.portOf(server), '', this.now));
  }

  /** What was sent last to a server has not left. */
  unsent(server: string, frames = this.sent.get(server) as Frames): string[] {
    return this.did(this.rules.unsent(this.portOf(server), frames, new Error('no'), this.now));
  }

  /** Time passes, and the client is punctual: it ticks whenever it is due. */
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

  /** Time passes, and these servers beat all the while. The client's own beats are left out. */
  passWithBeats(ms: number, servers = 'a b'): string[] {
    const seen: string[] = [];
    for (let left = ms; left > 0; left -= BEAT_MS) {
      seen.push(...this.pass(Math.min(left, BEAT_MS)));
      for (const server of servers.split(' ')) seen.push(...this.hear(server, ['beat']));
    }
    return seen.filter((each) => !each.endsWith(': beat'));
  }

  /** The process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The client looks at the clock. */
  tick(): string[] {
    const seen = this.did(this.rules.tick(this.now));
    expect(this.rules.deadline ?? Infinity, 'when it is due next').toBeGreaterThan(this.now);
    return seen;
  }

  /** What was asked by that name. */
  call(name: string): ClientCall<string> {
    return this.calls.get(name) as ClientCall<string>;
  }

  /** The number of its present attempt. */
  number(name: string): number {
    return this.call(name).number;
  }

  /** The link to a server. */
  link(server: string): ReturnType<ClientRules<string>['links']['all']>[number] {
    const link = this.rules.links.get(this.portOf(server));
    if (link === undefined) throw new Error(`there is no link to ${server}`);
    return link;
  }

  /** What is left over of what was asked. */
  get leftovers(): readonly unknown[] {
    const { calls, links } = this.rules;
    const inFlight = links.all().reduce((sum, link) => sum + link.inFlight, 0);
    return [calls.size, calls.bytes, calls.waiting, inFlight];
  }

  private portOf(server: string): string {
    const ports = [...this.#endpoints].filter(([, endpoint]) => endpoint === server);
    return ports.at(-1)?.[0] ?? 'no port';
  }

  /** What is decided, in words, with the end of the turn. */
  private did(decided: readonly ClientAct<string>[]): string[] {
    return [...decided, ...this.rules.flush(this.now)].flatMap((act) => {
      if (act.kind === 'tell') return told(act.what);
      const name = this.#endpoints.get(act.kind === 'send' ? act.to : act.port) ?? 'nobody';
      if (act.kind === 'send') {
        this.sent.set(name, act.message);
        return entriesOf(act.message).map((each) => `${name}: ${said(each)}`);
      }
      if (act.to === undefined) return [`close ${name}`];
      this.#endpoints.set(act.port, act.to);
      return [`open ${act.to}`];
    });
  }
}

/** Nothing is left over. */
export const nothing: readonly unknown[] = [0, 0, 0, 0];

function said([name, ...pieces]: Entry): string {
  const [first, second, third, fourth, fifth, sixth] = pieces.map(String);
  if (name === 'hello') return name;
  if (name === 'call') return `call ${first} ${fifth} ${third}`;
  if (name === 'open') return `open ${first} ${sixth} ${third} ${fourth}`;
  if (name === 'event') return `event ${fourth} ${second}`;
  return [name, ...pieces].join(' ');
}

function told(what: ClientTold<string>): string[] {
  if (what.kind === 'over') return what.calls.map((call) => `${call.key}: ${ended(call)}`);
  if (what.kind === 'item') return [`${what.call.key} < ${shown(what.item)}`];
  const reason = 'reason' in what && what.kind !== 'fault' ? [what.reason] : [];
  return [[what.kind, what.endpoint, ...reason].join(' ')];
}

function ended({ result, failure, trouble, mayHaveRun }: ClientCall<string>): string {
  if (result !== undefined) return `done ${shown(result)}`;
  if (failure !== undefined) return `failed ${shown(failure)}`;
  if (trouble === undefined) return 'done';
  const { progress } = (trouble.data ?? {}) as { readonly progress?: string };
  return [trouble.code, progress, mayHaveRun].filter((each) => each !== undefined).join(' ');
}
