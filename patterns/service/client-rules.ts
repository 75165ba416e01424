/**
 * Rules of a client: who its servers are, what it says to them, and what it makes of what they say.
 *
 *     ask ──▶ calls ──▶ links ──▶ one of the servers       what is asked in one turn leaves together
 *     tell ◀── calls ◀── receive ◀── it
 *
 * What becomes of a call is decided in calls-rules.ts, how a connection stands in link-rules.ts.
 *
 * Pure: the sockets are in client.ts. ZeroMQ Guide, chapter 4, "Brokerless Reliability (Freelance Pattern)".
 */
import { type Frames, type ListReader, type Rules, reopen, send, tell } from 'brokerless/kit';
import type { CallsOptions, ClientCall } from './call-rules.ts';
import { Calls } from './calls-rules.ts';
import { type ClientAct, type ClientTold, down, type LossReason, up } from './client-acts-rules.ts';
import { type Heard, takeOfCall } from './heard-rules.ts';
import { Inquiries, type Inquiry } from './inquiries-rules.ts';
import { type Greeting, writeHello } from './letters-rules.ts';
import type { Link } from './link-rules.ts';
import { Links, type LinksOptions } from './links-rules.ts';
import { entry, readerOf } from './messages.ts';

/** What the rules are told at the start. */
export interface ClientRulesOptions extends LinksOptions, CallsOptions {
  /** What is said to a server first. */
  readonly greeting: Greeting;
}

/** The decisions of a client. */
export class ClientRules<Key> implements Rules<string, Frames, ClientTold<Key>> {
  /** Messages of servers that made no sense. */
  faults = 0;
  /** The servers. */
  readonly links: Links;
  /** What they were asked. */
  readonly calls: Calls<Key>;
  /** What they were asked about themselves. */
  readonly inquiries: Inquiries = new Inquiries();
  readonly #greeting: Greeting;

  constructor(options: ClientRulesOptions) {
    this.#greeting = options.greeting;
    this.links = new Links(options);
    this.calls = new Calls<Key>(this.links, options);
  }

  /** Always: there is room for all that a server may answer. */
  accepts(): boolean {
    return true;
  }

  get deadline(): number | undefined {
    const next = Math.min(this.calls.deadline, this.links.deadline, this.inquiries.deadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Asks these servers from now on, and no others. */
  update(endpoints: readonly string[], now: number): readonly ClientAct<Key>[] {
    const turned = this.links.update(endpoints);
    const out: ClientAct<Key>[] = turned.map((link) =>
      link.isReady ? up(link) : down(link, 'dropped'),
    );
    this.#look(now, out);
    out.push(...this.calls.serve(now));
    return this.#told(now, out);
  }

  /** Takes on a call. */
  ask(call: ClientCall<Key>, now: number): readonly ClientAct<Key>[] {
    const full = this.calls.ask(call, now);
    return call.stage === 'over' ? this.#told(now, [...full]) : full;
  }

  /** Nobody waits for a call any more. */
  forget(call: ClientCall<Key>, now: number): readonly ClientAct<Key>[] {
    this.calls.forget(call, now);
    return this.#told(now, []);
  }

  /** The reader of a stream has room for so many values more. */
  more(call: ClientCall<Key>, count: number, now: number): readonly ClientAct<Key>[] {
    const { link, number } = call;
    if (link === undefined || !call.isAway) return NONE;
    call.room += count;
    this.links.letterTo(link, now).add(entry.more).uint(number).uint(count);
    return NONE;
  }

  /** Asks a server about itself. */
  inquire(inquiry: Omit<Inquiry, 'number'>, now: number): readonly ClientAct<Key>[] {
    const { number, link, question } = this.inquiries.begin(inquiry);
    this.links.letterTo(link, now).add(entry.ask).uint(number).text(question);
    return NONE;
  }

  receive(port: string, message: unknown, now: number): readonly ClientAct<Key>[] {
    const link = this.links.get(port);
    if (link === undefined || link.stage === 'down') return NONE;
    const out: ClientAct<Key>[] = [];
    const reader = readerOf(message as Frames);
    if (reader === undefined) this.#fault(link, out);
    else {
      link.heard(now);
      const heard: Heard = { link, reader, now };
      while (reader.left > 0) this.#take(heard, out);
      if (!reader.isAtEnd) this.#fault(link, out);
    }
    return this.#told(now, out);
  }

  tick(now: number): readonly ClientAct<Key>[] {
    const out: ClientAct<Key>[] = [];
    this.calls.wake(now);
    this.inquiries.wake(now);
    if (this.links.isDue(now)) this.#look(now, out);
    out.push(...this.calls.serve(now));
    return this.#told(now, out);
  }

  flush(now: number): readonly ClientAct<Key>[] {
    return this.links.flush(now);
  }

  left(port: string, _peer: string, now: number): readonly ClientAct<Key>[] {
    const link = this.links.get(port);
    const out: ClientAct<Key>[] = [];
    // A socket that was told of too early or too late changes nothing.
    if (link === undefined || link.stage === 'down' || link.stage === 'refused') return NONE;
    this.#lose(link, 'gone', now, out);
    return this.#told(now, out);
  }

  /** What a socket does not take has not left; and the socket is of no use. */
  unsent(port: string, message: Frames, _error: unknown, now: number): readonly ClientAct<Key>[] {
    const link = this.links.get(port);
    if (link === undefined) return NONE;
    const out: ClientAct<Key>[] = [];
    this.calls.recall(link, message);
    if (link.stage !== 'down' && link.stage !== 'refused') this.#lose(link, 'gone', now, out);
    return this.#told(now, out);
  }

  /** Says good-bye to all servers. */
  leave(now: number): readonly ClientAct<Key>[] {
    for (const link of this.links.all()) {
      if (link.isMet) this.links.letterTo(link, now).add(entry.bye);
    }
    return this.links.flushAll(now);
  }

  /** Takes one thing that a server says. What follows something senseless is not read. */
  #take(heard: Heard, out: ClientAct<Key>[]): void {
    const { link, reader, now } = heard;
    const kind = reader.uint();
    if (kind === entry.beat) return;
    if (kind === entry.welcome) this.#takeWelcome(link, reader, now, out);
    else if (kind === entry.mismatch) this.#takeMismatch(link, reader, now, out);
    else if (kind === entry.drain) this.#takeDrain(link, out);
    else if (kind === entry.unknown) this.#takeUnknown(link, now, out);
    else if (kind === entry.answer) this.inquiries.hear(link, reader, now);
    else if (kind === entry.mark) this.links.sayBack(link, reader.uint(), now);
    else takeOfCall(kind, heard, this.calls, out);
  }

  #takeWelcome(link: Link, reader: ListReader, now: number, out: ClientAct<Key>[]): void {
    const heartbeatMs = reader.uint();
    const hash = reader.text();
    if (heartbeatMs === undefined || hash === undefined || link.stage !== 'greeting') return;
    link.welcomed(heartbeatMs, now);
    this.links.changed();
    out.push(up(link), ...this.calls.serve(now));
  }

  #takeMismatch(link: Link, reader: ListReader, now: number, out: ClientAct<Key>[]): void {
    const reason = reader.text();
    if (reason === undefined || link.stage !== 'greeting') return;
    link.refused(reason, now);
    this.links.changed();
    out.push(tell({ kind: 'mismatch', endpoint: link.endpoint, reason }));
    out.push(...this.calls.serve(now)); // Those who waited for it wait in vain.
  }

  /** It has forgotten us, or never knew us: what we have asked since is lost. */
  #takeUnknown(link: Link, now: number, out: ClientAct<Key>[]): void {
    if (link.isMet) this.#lose(link, 'silent', now, out);
  }

  /** It is gone when it has been told that nothing more comes: all that it has answered must have come by then. */
  #takeDrain(link: Link, out: ClientAct<Key>[]): void {
    if (link.stage !== 'up') return;
    link.stage = 'draining';
    this.links.changed();
    out.push(down(link, 'draining'));
  }

  /** Does what is due for each server. */
  #look(now: number, out: ClientAct<Key>[]): void {
    for (const link of this.links.all()) {
      const due = link.due(now);
      if (due === 'connect') this.#connect(link, now, out);
      else if (due === 'beat') this.links.letterTo(link, now).add(entry.beat);
      else if (due === 'lose') this.#lose(link, 'silent', now, out);
    }
    this.links.look();
  }

  #connect(link: Link, now: number, out: ClientAct<Key>[]): void {
    out.push(reopen(link.port, link.endpoint));
    writeHello(this.links.letterTo(link, now), this.#greeting);
    this.links.changed();
  }

  #lose(link: Link, reason: LossReason, now: number, out: ClientAct<Key>[]): void {
    const { isReady } = link;
    link.lose(now);
    this.links.changed();
    if (isReady) out.push(down(link, reason));
    this.calls.lose(link);
    this.inquiries.lose(link, now);
    out.push(...this.calls.serve(now));
  }

  #fault({ endpoint }: Link, out: ClientAct<Key>[]): void {
    this.faults += 1;
    out.push(tell({ kind: 'fault', endpoint, reason: `a message of ${endpoint} makes no sense` }));
  }

  /** Tells of those that have ended, and servers that nothing more will come. */
  #told(now: number, out: ClientAct<Key>[]): readonly ClientAct<Key>[] {
    const calls = this.calls.takeOver();
    if (calls.length > 0) out.push(tell({ kind: 'over', calls }));
    for (const link of this.links.done()) {
      if (link.isDropped) this.#leave(link, now, out);
      else this.links.quiet(link, now);
    }
    return out;
  }

  #leave(link: Link, now: number, out: ClientAct<Key>[]): void {
    if (link.isMet) this.links.letterTo(link, now).add(entry.bye);
    if (!link.letter.isEmpty) out.push(send(link.port, link.letter.take()));
    out.push(reopen(link.port)); // To nobody.
    this.links.remove(link);
  }
}

const NONE: readonly never[] = [];
