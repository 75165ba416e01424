/**
 * Producer rules: sends items until they are accepted, over as many connections as it takes, and hears how they
 * end.
 *
 * What has not been answered is sent again on a new connection, under the same number, so that the queue knows
 * it. What was accepted by a queue that has lost its memory is lost, and is told so.
 *
 * Pure: the sockets are in producer.ts.
 */
import { type Frames, ListWriter, NumberMap, type Rules, reopen, send, tell } from 'brokerless/kit';
import { Follows } from './follows-rules.ts';
import { Link } from './link-rules.ts';
import { hello, LIST_BYTES, numberOf, type Said, word } from './messages.ts';
import type { Ended, ProducerAct, ProducerRulesOptions, ProducerTold, Put } from './put-rules.ts';

/** The decisions of a producer. */
export class ProducerRules implements Rules<'queue', Frames, ProducerTold> {
  /** Items sent, those sent again not counted. */
  sent = 0;
  /** Items accepted. */
  accepted = 0;
  /** Items refused. */
  refused = 0;
  /** The name of the queue; empty until it has said. */
  epoch = '';
  /** Its connection. */
  readonly link: Link;
  readonly #options: ProducerRulesOptions;
  readonly #unanswered = new NumberMap<Put>(); // By seq.
  readonly #follows = new Follows();
  readonly #early: (() => readonly ProducerAct[])[] = [];
  readonly #lists = new Map<string, ListWriter>(); // What is being said.
  #next = 1;
  #first = 1; // None before it is unanswered.

  constructor(options: ProducerRulesOptions) {
    this.#options = options;
    this.link = new Link(options);
  }

  /** Items that wait to be accepted. */
  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Items whose end is awaited. */
  get followed(): number {
    return this.#follows.size;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.unanswered < this.#options.maxUnanswered;
  }

  /** Messages that made no sense. */
  get faults(): number {
    return this.link.faults;
  }

  accepts(): boolean {
    return !this.link.isOver;
  }

  get deadline(): number | undefined {
    const { deadline } = this.link;
    return deadline === Number.POSITIVE_INFINITY ? undefined : deadline;
  }

  receive(_from: 'queue', message: unknown, now: number): readonly ProducerAct[] {
    const said = this.link.take(message, now);
    return said === undefined ? [] : this.#listen(said, now);
  }

  tick(now: number): readonly ProducerAct[] {
    const due = this.link.due(now);
    if (due === 'reconnect') return this.#lose(now);
    return due === 'introduce' ? [send('queue', hello(this.#options.session))] : [];
  }

  left(_port: 'queue', _peer: string, now: number): readonly ProducerAct[] {
    return this.link.isUp ? this.#lose(now) : [];
  }

  /** What has not left is sent again on the next connection, with all that has not been answered. */
  unsent(_to: 'queue', _frames: Frames, _error: unknown, now: number): readonly ProducerAct[] {
    return this.link.isUp ? this.#lose(now) : [];
  }

  /** Sends an item, at the end of the turn. Answers with its number among those of this producer. */
  put(put: Put): { readonly seq: number; readonly acts: readonly ProducerAct[] } {
    const seq = this.#next;
    this.#next += 1;
    this.sent += 1;
    this.#unanswered.set(seq, put);
    return { seq, acts: this.link.isMet ? this.#write(seq, put) : [] };
  }

  /** Wants to know how an item ends. No queue knows of items that another had accepted. */
  ask(id: string): readonly ProducerAct[] {
    if (this.epoch === '') return this.#later(() => this.ask(id));
    const n = numberOf(this.epoch, id);
    if (n === undefined) return [tell({ kind: 'unknown', id })];
    this.#follows.ask(n);
    if (this.link.isMet) this.#list('ask').uint(n);
    return [];
  }

  /** Wants an item no more. */
  cancel(id: string): readonly ProducerAct[] {
    if (this.epoch === '') return this.#later(() => this.cancel(id));
    const n = numberOf(this.epoch, id);
    if (n === undefined) return [];
    this.#follows.cancel(n);
    if (this.link.isMet) for (const said of CANCEL) this.#list(said).uint(n);
    return [];
  }

  flush(): readonly ProducerAct[] {
    const out = [...this.#lists.values()].map((list) => send('queue' as const, [list.done()]));
    this.#lists.clear();
    return out;
  }

  /** Sends no more; the queue need not remember it. */
  leave(): readonly ProducerAct[] {
    const out = this.link.isMet ? [...this.flush(), send('queue' as const, BYE)] : [];
    this.link.end();
    return out;
  }

  #listen({ word: said, list }: Said, now: number): readonly ProducerAct[] {
    switch (said) {
      case 'welcome':
        this.link.welcomed(Number(list[3]), now);
        return this.#resume(String(list[2]));
      case 'accepted':
        return this.#answered(list, 2, (seq, at) => this.#accept(seq, Number(list[at + 1])));
      case 'refused':
        return this.#answered(list, 3, (seq, at) => this.#refuse(seq, list, at));
      case 'outcome':
        return this.#end(list);
      case 'version':
        return [tell({ kind: 'version', theirs: Number(list[1]) })];
      default:
        if (said !== 'beat') this.link.faults += 1;
        return [];
    }
  }

  /** All that has not been answered goes out again, and is asked again. */
  #resume(epoch: string): readonly ProducerAct[] {
    const out: ProducerAct[] = [];
    if (this.epoch !== '' && this.epoch !== epoch) out.push(...this.#loseAll());
    this.epoch = epoch;
    this.#lists.clear();
    for (const [seq, put] of this.#unanswered.entries()) out.push(...this.#write(seq, put));
    for (const n of this.#follows.toCancel()) this.#list('cancel').uint(n);
    for (const n of this.#follows.toAsk()) this.#list('ask').uint(n);
    for (const act of this.#early.splice(0)) out.push(...act());
    return [...out, ...this.flush()];
  }

  #loseAll(): readonly ProducerAct[] {
    const lost = { status: 'lost', attempts: 0, body: NOTHING, isOwn: true } as const;
    const ends = this.#follows.clear().map((n) => ({ n, ...lost }));
    return [tell({ kind: 'ended', epoch: this.epoch, ends })];
  }

  #answered(
    list: readonly unknown[],
    step: number,
    settle: (seq: number, at: number) => ProducerAct,
  ): readonly ProducerAct[] {
    const hadRoom = this.hasRoom;
    const out: ProducerAct[] = [];
    for (let at = 1; at < list.length; at += step) {
      const seq = Number(list[at]);
      if (this.#unanswered.get(seq) !== undefined) out.push(settle(seq, at));
    }
    if (!hadRoom && this.hasRoom) out.push(tell({ kind: 'room' }));
    return out;
  }

  #accept(seq: number, n: number): ProducerAct {
    const put = this.#unanswered.get(seq);
    this.#unanswered.delete(seq);
    this.accepted += 1;
    if (put?.isFollowed === true) this.#follows.own(n);
    return tell({ kind: 'accepted', seq, n });
  }

  #refuse(seq: number, list: readonly unknown[], at: number): ProducerAct {
    this.#unanswered.delete(seq);
    this.refused += 1;
    return tell({ kind: 'refused', seq, code: String(list[at + 1]), reason: String(list[at + 2]) });
  }

  #end(list: readonly unknown[]): readonly ProducerAct[] {
    const ends: Ended[] = [];
    for (let at = 1; at < list.length; at += 4) {
      const n = Number(list[at]);
      const whose = this.#follows.end(n);
      if (whose === undefined) continue; // It was told before.
      const [status, attempts, body] = list.slice(at + 1, at + 4);
      ends.push({ n, status, attempts, body, isOwn: whose === 'own' } as Ended);
    }
    return ends.length > 0 ? [tell({ kind: 'ended', epoch: this.epoch, ends })] : [];
  }

  #write(seq: number, { body, wishes }: Put): readonly ProducerAct[] {
    const list = this.#lists.get('put') ?? new ListWriter('put').uint(this.#known());
    this.#lists.set('put', list.uint(seq).binary(body));
    if (wishes === undefined) list.nothing();
    else list.item(wishes);
    return list.bytes < LIST_BYTES ? [] : this.flush();
  }

  /** Before the queue has said its name, nobody can tell which items it knows. */
  #later(act: () => readonly ProducerAct[]): readonly never[] {
    this.#early.push(act);
    return [];
  }

  /** The first that has not been answered. */
  #known(): number {
    while (this.#first < this.#next && this.#unanswered.get(this.#first) === undefined)
      this.#first += 1;
    return this.#first;
  }

  #list(said: 'ask' | 'cancel'): ListWriter {
    const list = this.#lists.get(said) ?? new ListWriter(said);
    this.#lists.set(said, list);
    return list;
  }

  #lose(now: number): readonly ProducerAct[] {
    this.#lists.clear();
    this.link.lose(now);
    return [reopen('queue')];
  }
}

const BYE = word('bye');
const CANCEL = ['cancel', 'ask'] as const;
const NOTHING = new Uint8Array(0);
