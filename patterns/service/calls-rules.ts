/**
 * Calls rules: what is asked, from the first attempt to the end: whom it is asked, when again, and when no more.
 *
 * A call whose server is lost is asked of another if it may be carried out twice, or if it had not left; else its
 * caller hears that nobody knows. Every call ends by its deadline, once. Pure: time is an argument.
 */
import { CallTable, type Frames, RetryBudget, retryAt } from 'brokerless/kit';
import type { CallsOptions, ClientCall, Trouble } from './call-rules.ts';
import { askedIn, writeAsked } from './letters-rules.ts';
import { Line } from './line-rules.ts';
import type { Link } from './link-rules.ts';
import type { Links, Sent } from './links-rules.ts';
import { entry, type Refusal } from './messages.ts';
import { incomplete, lost, refused, timedOut, unreachable } from './trouble-rules.ts';

/** Those that are not over. */
export class Calls<Key> {
  /** Attempts that were sent. */
  sent = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Answers that came when nobody waited for them any more. */
  late = 0;
  /** Events that were told to a server and have not left. */
  dropped = 0;
  /** Bytes of what is asked and not over. */
  bytes = 0;
  #over: ClientCall<Key>[] = []; // They have ended, and their callers have not been told.
  readonly #links: Links;
  readonly #options: CallsOptions;
  readonly #budget: RetryBudget;
  readonly #table = new CallTable<ClientCall<Key>>();
  readonly #line = new Line<ClientCall<Key>>(); // Of those that wait for a server.

  constructor(links: Links, options: CallsOptions) {
    this.#links = links;
    this.#options = options;
    this.#budget = new RetryBudget(options.budget);
  }

  /** How many there are. */
  get size(): number {
    return this.#table.size;
  }

  /** How many of them no server has at present. */
  get waiting(): number {
    return this.#table.all().filter(({ isAway }) => !isAway).length;
  }

  /** When to look at them next; Infinity if never. */
  get deadline(): number {
    return this.#table.deadline;
  }

  /** All there are. */
  all(): readonly ClientCall<Key>[] {
    return this.#table.all();
  }

  /** Takes one on. Returns the message that is to leave at once, if it has made one full. */
  ask(call: ClientCall<Key>, now: number): readonly Sent[] {
    call.number = this.#table.nextNumber();
    this.#table.put(call);
    this.bytes += call.asked.input.length;
    if (call.asked.retries > 0) this.#budget.deposit();
    const link = this.#links.choose(call.asked.method);
    if (link !== undefined) return this.#send(call, link, now);
    this.#wait(call);
    return NOTHING;
  }

  /** Nobody waits for it any more. */
  forget(call: ClientCall<Key>, now: number): void {
    if (call.stage === 'over') return;
    this.#cancel(call, now);
    this.bytes -= call.asked.input.length;
    this.#remove(call);
  }

  /** The call of that number that `link` has been asked; what it says of any other is late. */
  of(link: Link, number: number): ClientCall<Key> | undefined {
    const call = this.#table.get(number);
    if (call !== undefined && call.link === link && call.isAway) return call;
    this.late += 1;
    return undefined;
  }

  /** It has ended: with what it has as its result or failure, or with this trouble. */
  end(call: ClientCall<Key>, trouble?: Trouble): void {
    call.trouble = trouble;
    this.bytes -= call.asked.input.length;
    this.#remove(call);
    this.#over.push(call);
  }

  /** It ends early, and its server is told so: values of it were lost on their way, if it is not for this trouble. */
  breakOff(call: ClientCall<Key>, now: number, trouble?: Trouble): void {
    const why = trouble ?? incomplete(call, this.#nameOf(call));
    this.#cancel(call, now);
    this.end(call, why);
  }

  /** A server has not carried it out, for this reason. */
  refuse(call: ClientCall<Key>, refusal: Refusal, reason: string, now: number): void {
    call.departures -= 1;
    call.refusedBy = call.link;
    if (refusal !== 'OVERLOADED' || !this.#rest(call, now))
      this.end(call, refused(refusal, reason));
  }

  /** The connection to a server has ended: what it was asked is asked of others, as far as may be. */
  lose(link: Link): void {
    if (!link.letter.isEmpty) this.recall(link, link.letter.take());
    for (const call of this.#table.all()) {
      if (call.link !== link || !call.isAway) continue;
      const isRepeated = this.#isRepeatable(call) && this.#budget.withdraw();
      if (isRepeated) this.#anew(call);
      else this.end(call, lost(call, this.#nameOf(call)));
    }
  }

  /** A message to a server has not left: what it asks waits again. */
  recall(link: Link, message: Frames): void {
    const { numbers, events } = askedIn(message);
    this.dropped += events;
    for (const number of numbers) {
      const call = this.#table.get(number);
      if (call === undefined || call.link !== link) continue;
      call.departures -= 1;
      call.attempts -= 1;
      this.sent -= 1;
      if (call.attempts > 0) this.retried -= 1;
      this.#anew(call);
    }
  }

  /** Asks for those that wait, as far as somebody is there. Returns the messages that are full. */
  serve(now: number): readonly Sent[] {
    if (this.#line.length === 0 || !this.#isServed) return NOTHING;
    const out: Sent[] = [];
    for (const call of this.#line.take()) {
      const link = this.#links.choose(call.asked.method, call.refusedBy);
      if (link === undefined) this.#wait(call);
      else out.push(...this.#send(call, link, now));
    }
    return out;
  }

  /** Whether there is anything for those in line: a server, or the word that there is none. */
  get #isServed(): boolean {
    const { ready, mismatch } = this.#links;
    return ready > 0 || mismatch !== undefined || !this.#options.waits;
  }

  /** Ends those whose time is over, and asks again for those that have rested. */
  wake(now: number): void {
    this.#table.wake(now, (call) => {
      if (now < call.asked.deadline) this.#anew(call);
      else this.breakOff(call, now, timedOut(call, this.#nameOf(call)));
    });
  }

  /** Takes out those that have ended since the last time. */
  takeOver(): readonly ClientCall<Key>[] {
    if (this.#over.length === 0) return NOTHING;
    const over = this.#over;
    this.#over = [];
    return over;
  }

  #nameOf({ asked }: ClientCall<Key>): string {
    return this.#options.names[asked.method] ?? '';
  }

  #isRepeatable(call: ClientCall<Key>): boolean {
    return call.asked.kind === 'call' && call.hasRetries;
  }

  #send(call: ClientCall<Key>, link: Link, now: number): readonly Sent[] {
    const letter = this.#links.letterTo(link, now);
    writeAsked(letter, call, now);
    if (call.attempts > 0) this.retried += 1;
    this.sent += 1;
    link.asked += 1;
    call.attempts += 1;
    if (call.asked.kind === 'event') this.end(call);
    else {
      link.inFlight += 1;
      call.link = link;
      call.stage = 'sent';
      call.departures += 1;
    }
    return this.#links.full(link, now);
  }

  /** In line for a server; unless there is none, and it does not want to wait. */
  #wait(call: ClientCall<Key>): void {
    const { mismatch } = this.#links;
    if (mismatch !== undefined || !this.#options.waits) {
      this.end(call, unreachable(this.#nameOf(call), mismatch));
      return;
    }
    this.#line.push(call);
  }

  /** It rests, to be asked again. Whether it may. */
  #rest(call: ClientCall<Key>, now: number): boolean {
    if (!this.#isRepeatable(call)) return false;
    const { deadline, retries } = call.asked;
    const attempted = { attempts: call.attempts, maxAttempts: retries + 1, deadline };
    const { backoff, random } = this.#options;
    const at = retryAt(attempted, this.#budget, backoff, { now, random: random() });
    if (at === undefined) return false;
    this.#remove(call);
    call.stage = 'resting';
    call.wakeAt = at;
    this.#putAnew(call);
    return true;
  }

  /** It waits for a server again, under another number, so that no answer to an earlier attempt finds it. */
  #anew(call: ClientCall<Key>): void {
    this.#remove(call);
    call.stage = 'waiting';
    call.wakeAt = call.asked.deadline;
    this.#putAnew(call);
    this.#line.push(call); // Who else is there is found out when all that was lost with it is in line.
  }

  #putAnew(call: ClientCall<Key>): void {
    call.number = this.#table.nextNumber();
    this.#table.put(call);
  }

  #cancel(call: ClientCall<Key>, now: number): void {
    const { link } = call;
    if (link === undefined || !call.isAway || !link.isMet) return;
    this.#links.letterTo(link, now).add(entry.cancel).uint(call.number);
  }

  #remove(call: ClientCall<Key>): void {
    this.#table.remove(call);
    if (call.isAway && call.link !== undefined) call.link.inFlight -= 1;
    call.link = undefined;
    call.stage = 'over';
  }
}

const NOTHING: readonly never[] = [];
