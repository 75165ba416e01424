/**
 * Driver: gives a pattern's rules their sockets and the time of a simulated world. The twin of `drive`,
 * with no promise in it.
 *
 * One reader a port, which stops while the rules do not accept, and while what its last message caused has
 * not been taken; one timer, set to the rules' deadline, which may go off a little late.
 */
import { BrokerlessError } from '../errors.ts';
import type { Action, Rules } from '../rules/rules.ts';
import type { Driveable, Owner, SimPort } from './port.ts';
import type { SimSocket } from './socket.ts';

/** What rules are driven with, besides the rules. */
export interface SimDriveOptions<Name extends string, Told> {
  /** The ports, by the names that the rules know them by. */
  readonly ports: Readonly<Record<Name, SimPort>>;
  /** Takes what the rules hand to the application. */
  readonly tell?: ((told: Told) => void) | undefined;
  /**
   * Opens a port anew, or one that was not there before. What returns undefined leads nowhere. Default: as it was
   * opened before, or connected to `to`.
   */
  readonly open?: ((name: Name, to: string | undefined) => SimPort | undefined) | undefined;
  /** Hears of what the rules throw, and of messages that no rule missed. Default: what is thrown fails the run. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Rules at work in a simulated world. */
export interface SimDriven<Name extends string, Message, Told> {
  /** Asks the rules something on the application's behalf, and does what they answer. */
  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void;
  /** Stops reading, writing and waiting. */
  stop(): void;
}

// Then something else has its turn, so that a source without end is found out as a run without end.
const READ_AT_ONCE = 1000;

/** A port as it is open at present. */
interface Outlet<Name extends string> {
  readonly name: Name;
  readonly port: Driveable;
  /** What the last messages read here have caused and no port has taken yet. */
  sending: number;
  /** One of these has been taken. */
  readonly taken: () => void;
}

/** One set of rules, at work. */
export class Driver<Name extends string, Message, Told> implements SimDriven<Name, Message, Told> {
  readonly #owner: Owner<SimSocket>;
  readonly #reopened: (old: SimPort, to: string | undefined) => SimPort;
  readonly #rules: Rules<Name, Message, Told>;
  readonly #options: SimDriveOptions<Name, Told>;
  readonly #outlets = new Map<Name, Outlet<Name>>();
  // What is done again and again, made once.
  readonly #readsSoon = (): void => this.#readSoon();
  readonly #flushes = (): void => this.#flush();
  readonly #wakes = (): void => this.#wake();
  #cancelTimer: (() => void) | undefined;
  #timerAt: number | undefined;
  #isReading = false;
  #isReadSoon = false;
  #isFlushing = false; // Whether the rules will be told that this turn is over.
  #stopped = false;

  constructor(
    owner: Owner<SimSocket>,
    rules: Rules<Name, Message, Told>,
    options: SimDriveOptions<Name, Told>,
    reopened: (old: SimPort, to: string | undefined) => SimPort,
  ) {
    this.#owner = owner;
    this.#rules = rules;
    this.#options = options;
    this.#reopened = reopened;
  }

  /** Begins: ticks, then reads. */
  start(): void {
    const { ports } = this.#options;
    for (const name of Object.keys(ports) as Name[]) this.#attach(name, ports[name]);
    this.perform((now) => this.#rules.tick(now));
  }

  perform(decide: (now: number) => readonly Action<Name, Message, Told>[]): void {
    this.#owner.whenAwake(() => {
      this.#act(decide, undefined);
      this.#readSoon();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #attach(name: Name, port: SimPort): void {
    const taken = (): void => {
      outlet.sending -= 1;
      this.#readSoon();
    };
    const outlet = { name, port: port as Driveable, sending: 0, taken }; // There is no other kind of port.
    this.#outlets.set(name, outlet);
    outlet.port.reader = {
      readable: () => this.#read(),
      left: (peer) => this.perform((now) => this.#left(name, peer, now)),
    };
  }

  #left(name: Name, peer: string, now: number): readonly Action<Name, Message, Told>[] {
    const { engine } = this.#owner;
    engine.mark('left');
    engine.note('left', this.#owner.name, name, 0, peer);
    return this.#rules.left?.(name, peer, now) ?? [];
  }

  /** Reads, from one port after the other, as long as there is something and the rules accept it. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    let rounds = 0;
    for (let isMore = true; isMore && rounds < READ_AT_ONCE; rounds += 1) {
      isMore = false;
      for (const outlet of this.#outlets.values()) if (this.#readOne(outlet)) isMore = true;
    }
    this.#isReading = false;
    if (rounds === READ_AT_ONCE) this.#readSoon();
  }

  #readOne(outlet: Outlet<Name>): boolean {
    const { name, port } = outlet;
    if (!this.#isReadable(outlet)) return false;
    const taken = port.take();
    if (taken === undefined) return false;
    if (taken.kind === 'left') this.#act((now) => this.#left(name, taken.peer, now), outlet);
    else if (taken.kind === 'ended')
      this.#act((now) => this.#rules.ended?.(name, now) ?? [], undefined);
    else this.#act((now) => this.#rules.receive(name, taken.value, now), outlet);
    return true;
  }

  #isReadable({ name, port, sending }: Outlet<Name>): boolean {
    if (this.#stopped || sending > 0 || !port.hasMessage) return false;
    return this.#rules.accepts(name);
  }

  /** Reads when whoever asked for this has done what it is about. */
  #readSoon(): void {
    if (this.#isReading || this.#isReadSoon || !this.#isAnyReadable()) return;
    this.#isReadSoon = true;
    this.#owner.soon(() => {
      this.#isReadSoon = false;
      this.#read();
    });
  }

  #isAnyReadable(): boolean {
    for (const outlet of this.#outlets.values()) if (this.#isReadable(outlet)) return true;
    return false;
  }

  /** Does what the rules decide, now and, a little later, at the end of this turn. */
  #act(
    decide: (now: number) => readonly Action<Name, Message, Told>[],
    reader: Outlet<Name> | undefined,
  ): void {
    this.#do(decide, reader);
    if (this.#rules.flush === undefined || this.#isFlushing || this.#stopped) return;
    this.#isFlushing = true;
    this.#owner.soon(this.#flushes);
  }

  #flush(): void {
    this.#isFlushing = false;
    this.#do((now) => this.#rules.flush?.(now) ?? [], undefined);
    this.#readSoon();
  }

  /** Does what the rules decide; what is sent counts for `reader` until it has been taken. */
  #do(
    decide: (now: number) => readonly Action<Name, Message, Told>[],
    reader: Outlet<Name> | undefined,
  ): void {
    if (this.#stopped) return;
    try {
      for (const action of decide(this.#owner.engine.now)) {
        if (action.kind === 'send') this.#send(action.to, action.message, reader);
        else if (action.kind === 'tell') this.#tell(action.what);
        else this.#reopen(action.port, action.to);
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#setTimer();
  }

  #failed(error: unknown): void {
    const { onError } = this.#options;
    if (onError === undefined || this.#owner.engine.failure !== undefined) throw error;
    onError(error);
  }

  #tell(what: Told): void {
    this.#owner.engine.note('tell', this.#owner.name, '', 0, what);
    try {
      this.#options.tell?.(what);
    } catch (error) {
      this.#failed(error);
    }
  }

  #send(to: Name, message: Message, reader: Outlet<Name> | undefined): void {
    const outlet = this.#outlets.get(to);
    if (outlet === undefined) return;
    const taken = reader?.taken ?? this.#readsSoon;
    const outcome = outlet.port.send(message, taken);
    if (outcome === true) return;
    if (reader !== undefined) reader.sending += 1;
    if (outcome === false) return;
    // The rules hear of it a little later, and something else may come in between.
    const { engine, jitter } = this.#owner;
    const laterMs = jitter() < 0.5 ? 0 : jitter();
    this.#owner.post(engine.now + laterMs, () => {
      this.#unsent(to, outlet, message, outcome);
      taken();
    });
  }

  #unsent(to: Name, outlet: Outlet<Name>, message: Message, error: BrokerlessError): void {
    if (this.#outlets.get(to) !== outlet) return; // It was left in a socket that has been closed.
    if (this.#rules.unsent === undefined) this.#options.onError?.(error);
    else this.#act((now) => this.#rules.unsent?.(to, message, error, now) ?? [], undefined);
  }

  #reopen(name: Name, to: string | undefined): void {
    const old = this.#outlets.get(name)?.port;
    const { open = this.#openAgain(name, old) } = this.#options;
    if (old !== undefined) {
      old.close();
      this.#owner.engine.mark('reopen');
    }
    const port = open(name, to);
    if (port === undefined) this.#outlets.delete(name);
    else this.#attach(name, port);
  }

  #openAgain(
    name: Name,
    old: SimPort | undefined,
  ): (name: Name, to: string | undefined) => SimPort {
    if (old === undefined) throw new BrokerlessError('BAD_OPTION', `there is no port ${name}`);
    return (_name, to) => this.#reopened(old, to);
  }

  #setTimer(): void {
    const deadline = this.#rules.deadline ?? Number.POSITIVE_INFINITY;
    // One that is set too early looks again when it goes off: that is cheaper than setting it anew.
    if (this.#timerAt !== undefined && this.#timerAt <= deadline && deadline < Infinity) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = undefined;
    if (this.#stopped || deadline === Number.POSITIVE_INFINITY) return;
    this.#timerAt = deadline;
    const { jitter } = this.#owner;
    const lateMs = jitter() < 0.75 ? 0 : jitter() * 4;
    this.#cancelTimer = this.#owner.post(deadline + lateMs, this.#wakes);
  }

  #wake(): void {
    this.#timerAt = undefined;
    const deadline = this.#rules.deadline ?? Number.POSITIVE_INFINITY;
    if (this.#owner.engine.now < deadline) this.#setTimer();
    else this.perform((now) => this.#rules.tick(now));
  }
}
