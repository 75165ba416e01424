/**
 * Ports and rules for tests of `drive`: a port that is fed and emptied by hand, and rules that write
 * down what they were told.
 */
import type { Action, Rules } from '../../src/rules/rules.ts';
import type { Port } from '../../src/run/drive.ts';
import { type Deferred, deferred } from '../../src/run/running.ts';

/** A send that the port was asked for and that the test has not yet settled. */
export interface PendingSend {
  readonly message: string;
  /** The message has left. */
  readonly take: () => void;
  /** It could not. */
  readonly refuse: (error: unknown) => void;
}

type Read = Deferred<IteratorResult<unknown, undefined>>;

/** A port in memory. It counts how often it was asked, and answers when the test says so. */
export class FakePort implements Port<string> {
  /** How many messages have been asked for. */
  reads = 0;
  /** Whether its iteration was returned, as a loop that ends early does. */
  returned = false;
  /** What it was asked to send and has not yet taken, in order. */
  readonly sending: PendingSend[] = [];
  /** What it has taken, in order. */
  readonly taken: string[] = [];
  /** Whether sends are taken at once. */
  readonly prompt: boolean;
  #waiting: Read | undefined;
  #ready: ((read: Read) => void)[] = [];

  constructor(prompt = true) {
    this.prompt = prompt;
  }

  /** A message arrives. */
  arrive(value: unknown): void {
    this.#answer((read) => read.resolve({ value, done: false }));
  }

  /** No more messages will arrive. */
  end(): void {
    this.#answer((read) => read.resolve({ value: undefined, done: true }));
  }

  /** The source breaks. */
  fail(error: unknown): void {
    this.#answer((read) => read.reject(error));
  }

  readonly messages: AsyncIterable<unknown> = {
    [Symbol.asyncIterator]: () => ({
      next: () => this.#next(),
      return: () => {
        this.returned = true;
        this.end();
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };

  readonly send = (message: string): Promise<void> => {
    if (this.prompt) {
      this.taken.push(message);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const settle = (): void => void this.sending.splice(this.sending.indexOf(pending), 1);
      const pending: PendingSend = {
        message,
        take: () => {
          settle();
          this.taken.push(message);
          resolve();
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      this.sending.push(pending);
    });
  };

  #next(): Promise<IteratorResult<unknown, undefined>> {
    this.reads += 1;
    const read: Read = deferred();
    const answer = this.#ready.shift();
    if (answer === undefined) this.#waiting = read;
    else answer(read);
    return read.promise;
  }

  #answer(answer: (read: Read) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#ready.push(answer);
    else answer(waiting);
  }
}

/** The names of the ports in these tests. */
export type Name = 'a' | 'b';

/** What the rules of these tests do. */
export type Deed = Action<Name, string, string>;

/** Rules that log what they are told and answer as the test has set. */
export class LogRules implements Rules<Name, string, string> {
  /** All that they were told, in order. */
  readonly log: string[] = [];
  /** When they want to tick. */
  deadline: number | undefined;
  /** The ports that they accept from. */
  readonly open = new Set<string>(['a', 'b']);
  /** What they answer to a message, and what they do to themselves meanwhile. */
  onReceive: (message: unknown) => readonly Deed[] = () => [];
  /** What they answer to a tick. */
  onTick: (now: number) => readonly Deed[] = () => [];

  receive(from: Name, message: unknown, now: number): readonly Deed[] {
    this.log.push(`${from}: ${String(message)} at ${now}`);
    return this.onReceive(message);
  }

  tick(now: number): readonly Deed[] {
    this.log.push(`tick at ${now}`);
    return this.onTick(now);
  }

  accepts(port: Name): boolean {
    return this.open.has(port);
  }

  ended(port: Name, now: number): readonly Deed[] {
    this.log.push(`${port} ended at ${now}`);
    return [{ kind: 'tell', what: `${port} is over` }];
  }
}
