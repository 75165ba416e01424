/**
 * Rules of a server: what it takes on, what it refuses, whom it answers, and when it has done enough.
 *
 *     clients ──▶ line ──▶ take ──▶ the handler ──▶ answer ──▶ the client
 *                   └▶ refused at once, when there is no room
 *
 * What is answered in one turn of the event loop leaves together. Pure: the socket is in server.ts.
 */
import { type PeerMessage, type Rules, tell } from 'brokerless/kit';
import { Clients, type ClientsOptions } from './clients-rules.ts';
import { Jobs, type JobsOptions } from './jobs-rules.ts';
import { entry } from './messages.ts';
import type { Answer } from './replies-rules.ts';
import type { Served } from './served-rules.ts';
import type { ServerAct, ServerTold } from './server-acts-rules.ts';
import type { Session } from './session-rules.ts';
import type { Sessions } from './sessions-rules.ts';
import type { Speech } from './speech-rules.ts';

/** What the rules are told at the start. */
export interface ServerRulesOptions extends ClientsOptions, JobsOptions {}

/** The decisions of a server. */
export class ServerRules implements Rules<'clients', PeerMessage, ServerTold> {
  /** Messages that their clients did not take. */
  dropped = 0;
  /** What there is to do. */
  readonly jobs: Jobs;
  /** Those who ask. */
  readonly clients: Clients;
  #drain: 'no' | 'going on' | 'over' = 'no';

  constructor(options: ServerRulesOptions) {
    this.jobs = new Jobs(options);
    this.clients = new Clients(this.jobs, options);
  }

  get #sessions(): Sessions {
    return this.clients.sessions;
  }

  get #speech(): Speech {
    return this.clients.speech;
  }

  /** Always: what there is no room for is refused at once. */
  accepts(): boolean {
    return true;
  }

  get deadline(): number | undefined {
    const next = Math.min(this.#sessions.deadline, this.jobs.deadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  receive(_from: 'clients', message: unknown, now: number): readonly ServerAct[] {
    const { peer, value } = message as PeerMessage;
    const out: ServerAct[] = [];
    this.clients.hear(peer, value, now, out);
    if (this.jobs.isReady) out.push(tell({ kind: 'work' }));
    return this.#acted(out);
  }

  tick(now: number): readonly ServerAct[] {
    const out: ServerAct[] = [];
    const due = this.jobs.due(now);
    for (const served of due?.begun ?? []) this.#speech.begun(served, now);
    for (const served of due?.expired ?? []) this.clients.drop(served, 'expired', out);
    if (now >= this.#sessions.deadline) {
      for (const session of this.#sessions.look(now)) this.clients.end(session, 'silent', out);
    }
    return this.#acted(out);
  }

  flush(): readonly ServerAct[] {
    return this.#sessions.flush();
  }

  left(_port: 'clients', peer: string): readonly ServerAct[] {
    const session = this.#sessions.get(peer);
    if (session === undefined) return NOTHING;
    const out: ServerAct[] = [];
    this.clients.end(session, 'gone', out);
    return this.#acted(out);
  }

  /** A client that does not take what it is sent is not waited for. */
  unsent(_to: 'clients', { peer }: PeerMessage): readonly ServerAct[] {
    this.dropped += 1;
    const session = this.#sessions.get(peer);
    if (session === undefined) return NOTHING;
    const out: ServerAct[] = [];
    this.clients.end(session, 'nothing', out);
    return this.#acted(out);
  }

  /** The next job, to be begun now. What else there is to do meanwhile is put into `out`. */
  take(now: number, out: ServerAct[]): Served | undefined {
    const passed: Served[] = [];
    const served = this.jobs.take(now, passed);
    for (const each of passed) this.clients.passOver(each, now, out);
    // Those that are not carried out may have been the last.
    if (served === undefined) out.push(...this.#acted(NOTHING));
    return served;
  }

  /** A job is not done when its turn is over. */
  lasts(served: Served): void {
    this.jobs.lasts(served);
  }

  /** A call is done. */
  answer(served: Served, answer: Answer, now: number): readonly ServerAct[] {
    this.jobs.finish(served);
    const said = this.#speech.answer(served, answer, now);
    if (served.effect === undefined) return this.#acted(said);
    const out: ServerAct[] = [...said];
    for (const other of this.jobs.keep(served, answer, now)) {
      other.stage = 'over';
      if (other.hasRoom || !other.isWanted) out.push(...this.#speech.answer(other, answer, now));
      else this.clients.end(other.came.session, 'nothing', out); // Its effect has happened: it is not refused.
    }
    return this.#acted(out);
  }

  /** A job was not carried out after all: what it was given makes no sense, or nobody wanted it any more. */
  giveUp(served: Served, reason: string, now: number): readonly ServerAct[] {
    this.jobs.finish(served);
    this.jobs.release(served);
    return this.#acted(this.#speech.refuse(served, 'BAD_INPUT', reason, now));
  }

  /** A stream gives a value. */
  item(served: Served, item: Uint8Array, now: number): readonly ServerAct[] {
    served.credit -= 1;
    return this.#speech.item(served, item, now);
  }

  /** A stream has ended; or an event, of whose end nobody hears. */
  end(served: Served, now: number): readonly ServerAct[] {
    this.jobs.finish(served);
    this.#speech.end(served, now);
    return this.#acted(NOTHING);
  }

  /** Answers a question of a client about the server itself. */
  inform(session: Session, number: number, answer: Uint8Array, now: number): readonly ServerAct[] {
    this.clients.inform(session, number, answer, now);
    return NOTHING;
  }

  /** Has clients ask others, and tells when all is done that was asked before they knew. */
  drain(now: number): readonly ServerAct[] {
    if (this.#drain !== 'no') return NOTHING;
    this.#drain = 'going on';
    this.clients.isDraining = true;
    for (const session of this.#sessions.all()) {
      this.#sessions.letterTo(session, now).add(entry.drain);
    }
    return this.#acted(NOTHING);
  }

  /** Nobody will be answered any more: what is being carried out is to stop. */
  abandon(): readonly ServerAct[] {
    const out: ServerAct[] = [];
    for (const session of this.#sessions.all()) this.clients.end(session, 'left', out);
    return out;
  }

  /** What was done, and the word that all is, once it is. */
  #acted(out: readonly ServerAct[]): readonly ServerAct[] {
    if (this.#drain !== 'going on' || !this.jobs.isIdle) return out;
    if (this.#sessions.all().some(({ isQuiet }) => !isQuiet)) return out;
    this.#drain = 'over';
    return [...out, ...this.#sessions.flush(), tell({ kind: 'drained' })];
  }
}

const NOTHING: readonly never[] = [];
