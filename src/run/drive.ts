/**
 * Drive: gives a pattern's rules their ports and a clock. Moves messages; decides nothing.
 *
 *     port ──▶ reader ──▶ rules.receive ──▶ actions ──▶ port
 *                clock ──▶ rules.tick ──┘          └──▶ tell ──▶ application
 *
 * One reader a port, which stops while the rules do not accept; one timer, set to the rules' deadline.
 * A reader goes on when what its last messages caused has been taken by the ports it went to, so that
 * pressure travels back. A flood on one port starves neither the timer nor the other ports. What a port
 * does not take is told to the rules.
 */
import { BrokerlessError } from '../errors.ts';
import type { Action, Rules } from '../rules/rules.ts';
import { type Clock, systemClock } from './clock.ts';
import { atTurnEnd, nextTurn, overdue, workOf } from './turn.ts';

/** As much of a socket, or of any source, as rules need. */
export interface Port<Message> {
  /** What arrives, if anything does. A socket's iteration ends when the socket is closed. */
  readonly messages?: AsyncIterable<unknown>;
  /** How much work a message is, in units of {@link workOf}. Default: that of one value. */
  readonly workOf?: (message: never) => number;
  /** Takes a message, if the port has a way out, and keeps the order of those it is given. */
  readonly send?: (message: Message) => Promise<void>;
  /** Ends it at once, with what still waits in it. Called for a port that is opened anew. */
  readonly close?: () => void;
}

/** What `drive` works with besides the rules. */
export interface DriveOptions<Name extends string, Message, Told> {
  /** The ports, by the names that the rules know them by. */
  readonly ports: Readonly<Record<Name, Port<Message>>>;
  /** Takes what the rules hand to the application. */
  readonly tell: (told: Told) => void;
  /** Hears of what the rules do not: a source that threw, or a message that no rule missed. */
  readonly onError: (error: unknown) => void;
  /** Opens a port anew, for rules that ask for it; `to` is where it connects, if they say so. */
  readonly open?: ((name: Name, to: string | undefined) => Port<Message>) | undefined;
  /**
   * How many sends that its messages caused may be on their way before a reader waits for them. Default 1:
   * nothing is read before all that the last message caused has been taken.
   */
  readonly window?: number | undefined;
  /** Where time comes from. Default: the computer's own monotonic clock. */
  readonly clock?: Clock | undefined;
}

/** Rules at work. */
export interface Driven<Name extends string, Message, Told> {
  /** Asks the rules something on the application's behalf, and does what they answer. */
  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void;
  /** Resolves when `port` has taken, or refused, all that the rules have sent to it by now. */
  settled(port: Name): Promise<void>;
  /** Stops reading, writing and waiting. The ports stay open; they belong to the caller. */
  stop(): void;
}

/** Starts reading the ports, and ticking when the rules ask for it. */
export function drive<Name extends string, Message, Told>(
  rules: Rules<Name, Message, Told>,
  options: DriveOptions<Name, Message, Told>,
): Driven<Name, Message, Told> {
  const driver = new Driver(rules, options);
  driver.start();
  return driver;
}

/** A port as it is open at present. */
interface Outlet<Message> {
  readonly port: Port<Message>;
  readonly source: AsyncIterator<unknown> | undefined;
  /** Whether there is a reader. */
  isRead: boolean;
  /** Settles when all that was sent by now has been taken or refused: ports keep the order. */
  settled: Promise<void> | undefined;
}

/** How much of what a reader's messages have caused is still on its way, and who waits for less. */
interface Reader {
  sending: number;
  onTaken: (() => void) | undefined;
}

class Driver<Name extends string, Message, Told> implements Driven<Name, Message, Told> {
  readonly #rules: Rules<Name, Message, Told>;
  readonly #options: DriveOptions<Name, Message, Told>;
  readonly #clock: Clock;
  readonly #window: number;
  readonly #outlets = new Map<Name, Outlet<Message>>();
  #paused: (() => void)[] = []; // Readers whose port the rules did not accept when last asked.
  #cancelTimer: () => void = nothing;
  #timerAt: number | undefined;
  #stopped = false;
  #isFlushing = false; // Whether the rules will be told that this turn is over.
  // Made once: a method in which a function is made costs memory at each call, even if it makes none this time.
  readonly #wake = (): void => this.#look();
  readonly #flush = (): void => {
    this.#isFlushing = false;
    this.#do((now) => this.#rules.flush?.(now) ?? [], undefined);
  };

  constructor(rules: Rules<Name, Message, Told>, options: DriveOptions<Name, Message, Told>) {
    this.#rules = rules;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#window = options.window ?? 1;
  }

  start(): void {
    const { ports } = this.#options;
    for (const name of Object.keys(ports) as Name[]) this.#attach(name, ports[name]);
    this.perform((now) => this.#rules.tick(now));
    for (const [name, outlet] of this.#outlets) void this.#read(name, outlet);
  }

  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void {
    this.#act(decide, undefined);
  }

  async settled(name: Name): Promise<void> {
    await this.#outlets.get(name)?.settled;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#resume();
    for (const { source } of this.#outlets.values()) this.#leave(source);
  }

  #attach(name: Name, port: Port<Message>): Outlet<Message> {
    const source = port.messages?.[Symbol.asyncIterator]();
    const outlet: Outlet<Message> = { port, source, isRead: false, settled: undefined };
    this.#outlets.set(name, outlet);
    return outlet;
  }

  #leave(source: AsyncIterator<unknown> | undefined): void {
    void source?.return?.().catch(this.#options.onError);
  }

  async #read(from: Name, outlet: Outlet<Message>): Promise<void> {
    const { source } = outlet;
    const isOver = (): boolean => this.#stopped || this.#outlets.get(from) !== outlet;
    if (source === undefined || outlet.isRead || isOver()) return;
    outlet.isRead = true;
    const reader: Reader = { sending: 0, onTaken: undefined };
    try {
      while (!isOver()) {
        if (!this.#rules.accepts(from)) {
          await new Promise<void>((resume) => this.#paused.push(resume));
          continue;
        }
        const { value, done } = await source.next();
        if (isOver()) return;
        if (done === true) {
          this.#act((now) => this.#rules.ended?.(from, now) ?? [], undefined);
          return;
        }
        this.#act((now) => this.#rules.receive(from, value, now), reader);
        while (reader.sending >= this.#window) await roomFor(reader);
        if (overdue(outlet.port.workOf?.(value as never) ?? workOf(1, 0))) await nextTurn();
      }
    } catch (error) {
      if (!isOver()) this.#options.onError(error);
    }
  }

  /** Does what the rules decide, now and at the end of this turn. */
  #act(
    decide: (now: number) => readonly Action<Name, Message, Told>[],
    reader: Reader | undefined,
  ): void {
    this.#do(decide, reader);
    this.#flushSoon();
  }

  /** Does what the rules decide; what is sent counts for `reader` until it has been taken. */
  #do(
    decide: (now: number) => readonly Action<Name, Message, Told>[],
    reader: Reader | undefined,
  ): void {
    if (this.#stopped) return;
    try {
      for (const action of decide(this.#clock.now())) {
        if (action.kind === 'send') this.#send(action.to, action.message, reader);
        else if (action.kind === 'tell') this.#tell(action.what);
        else this.#reopen(action.port, action.to);
      }
    } catch (error) {
      this.#options.onError(error); // The rules' own mistake; what else they govern goes on.
    }
    this.#setTimer();
    if (this.#paused.length > 0) this.#resume();
  }

  #flushSoon(): void {
    if (this.#rules.flush === undefined || this.#isFlushing) return;
    this.#isFlushing = true;
    atTurnEnd(this.#flush);
  }

  #tell(what: Told): void {
    try {
      this.#options.tell(what);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #send(to: Name, message: Message, reader: Reader | undefined): void {
    const outlet = this.#outlets.get(to);
    const sent = outlet && handedTo(outlet.port, message);
    if (outlet === undefined || sent === undefined) return;
    if (reader !== undefined) reader.sending += 1;
    outlet.settled = sent.then(
      () => settle(reader),
      (error: unknown) => {
        settle(reader);
        this.#unsent(to, outlet, message, error);
      },
    );
  }

  #unsent(to: Name, outlet: Outlet<Message>, message: Message, error: unknown): void {
    if (this.#outlets.get(to) !== outlet) return; // It was left in a socket that has been closed.
    if (this.#rules.unsent === undefined) this.#options.onError(error);
    else this.perform((now) => this.#rules.unsent?.(to, message, error, now) ?? []);
  }

  #reopen(name: Name, to: string | undefined): void {
    const { open } = this.#options;
    if (open === undefined) {
      throw new BrokerlessError('BAD_OPTION', `drive: no way is given to open ${name} anew`);
    }
    const old = this.#outlets.get(name);
    this.#leave(old?.source);
    old?.port.close?.();
    void this.#read(name, this.#attach(name, open(name, to)));
  }

  #setTimer(): void {
    const deadline = this.#rules.deadline ?? Number.POSITIVE_INFINITY;
    // One that is set too early looks again when it goes off: that is cheaper than setting it anew.
    if (this.#timerAt !== undefined && this.#timerAt <= deadline && deadline < Infinity) return;
    this.#cancelTimer();
    this.#timerAt = undefined;
    this.#cancelTimer = nothing;
    if (this.#stopped || deadline === Number.POSITIVE_INFINITY) return;
    this.#timerAt = deadline;
    this.#cancelTimer = this.#clock.at(deadline, this.#wake);
  }

  #look(): void {
    this.#timerAt = undefined;
    const deadline = this.#rules.deadline ?? Number.POSITIVE_INFINITY;
    if (this.#clock.now() < deadline) this.#setTimer();
    else this.perform((now) => this.#rules.tick(now));
  }

  #resume(): void {
    const paused = this.#paused;
    this.#paused = [];
    for (const resume of paused) resume();
  }
}

function nothing(): void {
  // There is no timer to cancel.
}

/** Hands a message to a port; undefined if it has no way out. */
function handedTo<Message>(port: Port<Message>, message: Message): Promise<void> | undefined {
  try {
    return port.send?.(message);
  } catch (error) {
    return Promise.reject(error);
  }
}

function settle(reader: Reader | undefined): void {
  if (reader === undefined) return;
  reader.sending -= 1;
  reader.onTaken?.();
}

/** Resolves when something that a reader's messages have caused has been taken. */
function roomFor(reader: Reader): Promise<void> {
  return new Promise((resolve) => {
    reader.onTaken = () => {
      reader.onTaken = undefined;
      resolve();
    };
  });
}
