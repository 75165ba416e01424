/**
 * Links: the servers of a client, of which there may be others at any time, and who of them is asked next. Pure.
 */
import { type Frames, send } from 'brokerless/kit';
import type { Balance } from './balance-rules.ts';
import { Link, type LinkOptions } from './link-rules.ts';
import { entry, type Letter } from './messages.ts';

/** What links are told at the start. */
export interface LinksOptions extends LinkOptions {
  /** Chooses between servers. */
  readonly balance: Balance;
  /** The names of the methods, in their places. */
  readonly names: readonly string[];
}

/** Something that is sent to a server. */
export type Sent = ReturnType<typeof send<string, Frames>>;

const NOTHING: readonly never[] = [];

/** The servers. */
export class Links {
  readonly #options: LinksOptions;
  readonly #byPort = new Map<string, Link>();
  #ready: Link[] = [];
  readonly #unsaid = new Set<Link>(); // With something to say to.
  #leaving = 0; // On the list no longer, or draining.
  #turn = 0;
  #lookAt = 0; // Nothing is due before.
  #opensAt = Infinity; // When something that is held may leave.

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** All there are, those among them that are being given up. */
  all(): readonly Link[] {
    return [...this.#byPort.values()];
  }

  /** The one of this port. */
  get(port: string): Link | undefined {
    return this.#byPort.get(port);
  }

  /** How many may be asked. */
  get ready(): number {
    return this.#ready.length;
  }

  /** Why nobody will ever be there to be asked, as it looks: all are of another contract. */
  get mismatch(): string | undefined {
    let reason: string | undefined;
    for (const link of this.#byPort.values()) {
      if (link.isDropped) continue;
      if (link.stage !== 'refused') return undefined;
      reason ??= link.reason;
    }
    return reason;
  }

  /** When one of them is due, or something that is held may leave; Infinity if never. */
  get deadline(): number {
    return Math.min(this.#lookAt, this.#opensAt);
  }

  /** Whether one of them is due. */
  isDue(now: number): boolean {
    return now >= this.#lookAt;
  }

  /** Takes on new endpoints. Returns those that may be asked no longer now, or again. */
  update(endpoints: readonly string[]): readonly Link[] {
    const wanted = new Set(endpoints);
    const ready = this.#ready;
    for (const link of this.#byPort.values()) link.isDropped = !wanted.delete(link.endpoint);
    const turned = this.all().filter((link) => link.isReady !== ready.includes(link));
    for (const endpoint of wanted) {
      const port = this.#freePort();
      this.#byPort.set(port, new Link(endpoint, port, this.#options));
    }
    this.changed();
    return turned;
  }

  /** Those that are on the list no longer, or draining, and have nothing left to answer. */
  done(): readonly Link[] {
    if (this.#leaving === 0) return NOTHING;
    return this.all().filter((link) => link.isLeaving && link.inFlight === 0);
  }

  /** Tells one that nothing more will be asked and nothing more is waited for. */
  quiet(link: Link, now: number): void {
    this.letterTo(link, now).add(entry.quiet);
    link.isQuiet = true;
    this.changed();
  }

  /** Forgets one that has been given up. */
  remove(link: Link): void {
    this.#byPort.delete(link.port);
    this.#unsaid.delete(link);
    this.changed();
  }

  /** One of them stands otherwise than before. */
  changed(): void {
    const all = [...this.#byPort.values()];
    this.#ready = all.filter((link) => link.isReady);
    this.#leaving = all.filter((link) => link.isLeaving).length;
    this.look();
  }

  /** Looks when one of them is due. */
  look(): void {
    this.#lookAt = Infinity;
    for (const { deadline } of this.#byPort.values()) {
      if (deadline < this.#lookAt) this.#lookAt = deadline;
    }
  }

  /** What is to be said to one of them, to be added to: it leaves when this turn ends, or a little later. */
  letterTo(link: Link, now: number): Letter {
    this.#unsaid.add(link);
    link.spoke(now);
    return link.letter;
  }

  /** A server asks how far we have read: it hears what it has said last, with the next message. */
  sayBack(link: Link, bytes: number | undefined, now: number): void {
    if (bytes === undefined || !link.isMet) return;
    link.mark = bytes;
    this.letterTo(link, now);
  }

  /** Takes out what is to be said to a server if nothing more is to be added to it. */
  full(link: Link, now: number): readonly Sent[] {
    if (!link.letter.isFull) return NOTHING;
    link.hold.leaves(now);
    return [send(link.port, link.letter.take())];
  }

  /** Takes out what is to be said, but for what waits until more can go with it. */
  flush(now: number): readonly Sent[] {
    this.#opensAt = Infinity; // What was held may have gone another way.
    if (this.#unsaid.size === 0) return NOTHING;
    const out: Sent[] = [];
    for (const link of this.#unsaid) {
      if (link.hasWords && now < link.opensAt)
        this.#opensAt = Math.min(this.#opensAt, link.opensAt);
      else this.#say(link, now, out);
    }
    return out;
  }

  /** Takes out all that is to be said. */
  flushAll(now: number): readonly Sent[] {
    const out: Sent[] = [];
    this.#opensAt = Infinity;
    for (const link of this.#unsaid) this.#say(link, now, out);
    return out;
  }

  /** Who is to be asked, rather not `busy`, which has too much to do; undefined if nobody is there. */
  choose(method: number, busy?: Link): Link | undefined {
    const all = this.#ready;
    const ready = busy === undefined || all.length < 2 ? all : all.filter((link) => link !== busy);
    if (ready.length < 2) return ready[0];
    const turn = this.#turn;
    this.#turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
    const { balance, names } = this.#options;
    const chosen = balance(ready, turn, names[method] ?? '');
    return ready.find((link) => link === chosen) ?? ready[0];
  }

  #say(link: Link, now: number, out: Sent[]): void {
    this.#unsaid.delete(link);
    if (!link.hasWords) return; // They have left as a full message.
    const { letter, port, mark } = link;
    link.hold.leaves(now);
    link.mark = undefined;
    if (mark !== undefined) letter.add(entry.mark).uint(mark);
    out.push(send(port, letter.take()));
  }

  #freePort(): string {
    let n = 0;
    while (this.#byPort.has(`server ${n}`)) n += 1;
    return `server ${n}`;
  }
}
