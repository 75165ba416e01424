/**
 * Drive: gives a pattern's rules their ports and a clock. Moves messages; decides nothing.
 *
 *     port ──▶ reader ──▶ rules.receive ──▶ actions ──▶ writer ──▶ port
 *                clock ──▶ rules.tick ──┘          └──▶ tell ──▶ application
 *
 * One reader a port, which stops while the rules do not accept; one timer, set to the rules' deadline.
 * A reader goes on when what its last message caused has been taken by the ports it went to, so that
 * pressure travels back. A flood on one port starves neither the timer nor the other ports.
 */
import type { Action, Rules } from '../rules/rules.ts';
import { type Clock, systemClock } from './clock.ts';
import { nextTurn, overdue, workOf } from './turn.ts';

/** As much of a socket, or of any source, as rules need. */
export interface Port<Message> {
  /** What arrives, if anything does. A socket's iteration ends when the socket is closed. */
  readonly messages?: AsyncIterable<unknown>;
  /** Takes a message, if the port has a way out. Calls come one after the other. */
  readonly send?: (message: Message) => Promise<void>;
}

/** What `drive` works with besides the rules. */
export interface DriveOptions<Name extends string, Message, Told> {
  /** The ports, by the names that the rules know them by. */
  readonly ports: Readonly<Record<Name, Port<Message>>>;
  /** Takes what the rules hand to the application. */
  readonly tell: (told: Told) => void;
  /** Hears of what the rules do not: a source that threw, or a message that no rule missed. */
  readonly onError: (error: unknown) => void;
  /** Where time comes from. Default: the computer's own monotonic clock. */
  readonly clock?: Clock | undefined;
}

/** Rules at work. */
export interface Driven<Name extends string, Message, Told> {
  /** Asks the rules something on the application's behalf, and does what they answer. */
  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void;
  /** Resolves when `port` has taken all that the rules have sent to it by now. */
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

class Driver<Name extends string, Message, Told> implements Driven<Name, Message, Told> {
  readonly #rules: Rules<Name, Message, Told>;
  readonly #options: DriveOptions<Name, Message, Told>;
  readonly #clock: Clock;
  readonly #writing = new Map<Name, Promise<void>>(); // The end of each port's line of sends.
  readonly #sources: AsyncIterator<unknown>[] = [];
  #paused: (() => void)[] = []; // Readers whose port the rules did not accept when last asked.
  #cancelTimer: () => void = () => {};
  #timerAt: number | undefined;
  #stopped = false;

  constructor(rules: Rules<Name, Message, Told>, options: DriveOptions<Name, Message, Told>) {
    this.#rules = rules;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.perform((now) => this.#rules.tick(now));
    for (const name of Object.keys(this.#options.ports) as Name[]) {
      const { messages } = this.#options.ports[name];
      if (messages !== undefined) void this.#read(name, messages[Symbol.asyncIterator]());
    }
  }

  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void {
    void this.#act(decide);
  }

  async settled(port: Name): Promise<void> {
    await this.#writing.get(port);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#resume();
    for (const source of this.#sources) void source.return?.().catch(this.#options.onError);
  }

  async #read(from: Name, source: AsyncIterator<unknown>): Promise<void> {
    this.#sources.push(source);
    try {
      while (!this.#stopped) {
        if (!this.#rules.accepts(from)) {
          await new Promise<void>((resume) => this.#paused.push(resume));
          continue;
        }
        const { value, done } = await source.next();
        if (done === true) {
          await this.#act((now) => this.#rules.ended?.(from, now) ?? []);
          return;
        }
        await this.#act((now) => this.#rules.receive(from, value, now));
        if (overdue(workOf(1, 0))) await nextTurn();
      }
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Does what the rules decide. Resolves when all that is to be sent has been taken. */
  async #act(decide: (now: number) => readonly Action<Name, Message, Told>[]): Promise<void> {
    if (this.#stopped) return;
    const sends: Promise<void>[] = [];
    try {
      for (const action of decide(this.#clock.now())) {
        if (action.kind === 'tell') this.#tell(action.what);
        else sends.push(this.#send(action.to, action.message));
      }
    } catch (error) {
      this.#options.onError(error); // The rules' own mistake; what else they govern goes on.
    }
    this.#setTimer();
    this.#resume();
    await Promise.all(sends);
  }

  #tell(what: Told): void {
    try {
      this.#options.tell(what);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #send(to: Name, message: Message): Promise<void> {
    const before = this.#writing.get(to);
    const sent = this.#write(to, message, before);
    this.#writing.set(to, sent);
    return sent;
  }

  async #write(to: Name, message: Message, before: Promise<void> | undefined): Promise<void> {
    await before;
    if (this.#stopped) return;
    try {
      await this.#options.ports[to].send?.(message);
    } catch (error) {
      if (this.#rules.unsent === undefined) this.#options.onError(error);
      else this.perform((now) => this.#rules.unsent?.(to, message, error, now) ?? []);
    }
  }

  #setTimer(): void {
    const { deadline } = this.#rules;
    if (this.#stopped || deadline === this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = deadline;
    this.#cancelTimer = () => {};
    if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.at(deadline, () => {
      this.#timerAt = undefined;
      this.perform((now) => this.#rules.tick(now));
    });
  }

  #resume(): void {
    const paused = this.#paused;
    this.#paused = [];
    for (const resume of paused) resume();
  }
}
