/**
 * Pipe: one end of a connection, with what it sends on its way and what it has received and nobody has read.
 *
 * What is sent arrives in order, each once, as long as the connection lasts; when it ends, a tail of it is
 * cut off. Each end learns of the end by itself, from a last word that travels behind the rest, and until
 * then it sends into the void.
 */
import { Fifo } from '../rules/fifo.ts';
import type { Entry } from './agenda.ts';
import type { Engine } from './engine.ts';
import type { Traveller, Way } from './way.ts';

/** Something on its way: a message, or a word of the connection's own. */
export interface Packet {
  /** A message; the word that the connection is up, or has ended; or that its peer has left. */
  readonly kind: 'message' | 'up' | 'end' | 'left';
  /** The message. */
  readonly value: unknown;
  /** Which message of the world it is; 0 for none. */
  readonly number: number;
}

/** The socket that a pipe belongs to. */
export interface PipeHolder {
  /** The name of its node. */
  readonly name: string;
  /** Something has come to be read. */
  arrived(pipe: Pipe): void;
  /** The connection is up. */
  opened(pipe: Pipe): void;
  /** The connection has ended, and this end has just learned of it. */
  ended(pipe: Pipe): void;
  /** There is room again. */
  roomy(): void;
}

interface Flight {
  readonly packet: Packet;
  entry: Entry | undefined;
}

/** A word that the connection says itself. */
export const word = (kind: Packet['kind']): Packet => ({ kind, value: undefined, number: 0 });

/** One end of a connection. */
export class Pipe implements Traveller {
  /** The socket at this end. */
  readonly holder: PipeHolder;
  /** What has arrived and nobody has read. */
  inbound: Fifo<Packet> = new Fifo();
  /** What the peer at the other end is called. */
  peer = '';
  /** Whom what comes from the other end is from, as the trace has it. */
  from = '';
  /** Whom what this end sends goes to, as the trace has it. */
  to = '';
  /** Whether it waits in its socket's line of those that have something to be read. */
  isListed = false;
  /** Whether the other end has to say when there is room. */
  wantsRoom = false;
  /** Where its life has come to. */
  stage: 'opening' | 'open' | 'closed' = 'opening';
  readonly #engine: Engine;
  readonly #way: Way;
  readonly #flights = new Fifo<Flight>(); // Nearly always they arrive in the order in which they left.
  #other: Pipe | undefined;
  #stalled: Packet[] = [];
  #isResuming = false;
  #load = 0; // Sent from here and not yet read there.
  #lastArrival = 0;

  constructor(engine: Engine, holder: PipeHolder, way: Way) {
    this.#engine = engine;
    this.holder = holder;
    this.#way = way;
  }

  /** Makes the two ends of a connection. */
  static join(one: Pipe, other: Pipe): void {
    one.#meet(other);
    other.#meet(one);
  }

  #meet(other: Pipe): void {
    this.#other = other;
    this.from = `from ${other.holder.name}`;
    this.to = `to ${other.holder.name}`;
    this.#way.travellers.add(this);
  }

  /** The other end. */
  get other(): Pipe {
    return this.#other ?? this;
  }

  /** Whether a message may be sent, as far as this end knows. */
  get hasRoom(): boolean {
    return this.stage === 'open' && this.#load < this.#way.room;
  }

  /** Sends a message. Whoever calls has asked whether there is room. */
  send(packet: Packet): void {
    this.#load += 1;
    if (this.other.stage === 'closed') {
      this.#lose(packet);
      return;
    }
    const mischief = this.#way.mischief();
    if (mischief !== 'none') this.#engine.mark(`hostile:${mischief}`);
    if (mischief === 'lose') {
      this.#load -= 1;
      this.#lose(packet);
    } else if (mischief === 'delay') {
      this.#fly(packet, this.#engine.now + this.#way.latencyMs() * 4);
    } else this.say(packet);
    if (mischief === 'double') {
      this.#load += 1;
      this.say(packet);
    }
  }

  /** Sends something behind all that is on its way already. */
  say(packet: Packet): void {
    const arrival = this.#engine.now + this.#way.latencyMs();
    this.#lastArrival = Math.max(this.#lastArrival, arrival);
    this.#fly(packet, this.#lastArrival);
  }

  /** Takes what arrived first. */
  take(): Packet | undefined {
    const packet = this.inbound.shift();
    if (packet?.kind === 'message') this.other.#makeRoom();
    return packet;
  }

  /** Ends the connection from this side. What is on its way may still arrive, or a part of it. */
  close(): void {
    if (this.stage === 'closed') return;
    this.stage = 'closed';
    this.#cutTail();
    this.say(word('end'));
  }

  /** Takes the connection for dead, and ends it. */
  giveUp(): void {
    if (this.stage === 'closed') return;
    this.close();
    this.holder.ended(this);
  }

  resume(): void {
    if (this.#stalled.length === 0 || this.#isResuming) return;
    this.#isResuming = true;
    this.#engine.agenda.at(this.#engine.now + this.#way.latencyMs(), () => {
      this.#isResuming = false;
      if (this.#way.isBlocked) return;
      const waiting = this.#stalled;
      this.#stalled = [];
      for (const packet of waiting) this.#deliver(packet);
    });
  }

  #fly(packet: Packet, time: number): void {
    const flight: Flight = { packet, entry: undefined };
    this.#flights.push(flight);
    flight.entry = this.#engine.agenda.at(time, () => {
      this.#land(flight);
      if (this.#way.isBlocked || this.#stalled.length > 0) this.#stalled.push(packet);
      else this.#deliver(packet);
    });
  }

  #land(flight: Flight): void {
    if (this.#flights.peek() === flight) this.#flights.shift();
    else this.#flights.remove(flight);
  }

  #deliver(packet: Packet): void {
    const { other } = this;
    if (packet.kind === 'end') {
      this.#way.travellers.delete(this);
      other.#hearEnd();
    } else if (other.stage === 'closed') {
      this.#lose(packet);
    } else if (packet.kind === 'up') {
      other.stage = 'open';
      other.holder.opened(other);
    } else {
      other.inbound.push(packet);
      other.holder.arrived(other);
    }
  }

  #hearEnd(): void {
    if (this.stage === 'closed') return;
    this.stage = 'closed';
    this.#way.travellers.delete(this);
    this.#drop(0);
    this.holder.ended(this);
  }

  /** A process that dies, or gives up, leaves some of what it said last unsaid, or nothing. */
  #cutTail(): void {
    const count = this.#stalled.length + this.#flights.length;
    const { random } = this.#way;
    if (count > 0 && random() < 0.5) this.#drop(Math.floor(random() * (count + 1)));
  }

  /** Drops all that is on its way but the first `kept`. */
  #drop(kept: number): void {
    const flights = [...this.#flights];
    for (const packet of this.#stalled.slice(kept)) this.#lose(packet);
    const keptFlights = Math.max(0, kept - this.#stalled.length);
    this.#stalled = this.#stalled.slice(0, kept);
    for (const flight of flights.slice(keptFlights)) {
      if (flight.entry !== undefined) flight.entry.run = undefined;
      this.#flights.remove(flight);
      this.#lose(flight.packet);
    }
  }

  #lose(packet: Packet): void {
    if (packet.kind !== 'message') return;
    this.#engine.mark('lost');
    this.#engine.note('lost', this.holder.name, this.to, packet.number);
  }

  #makeRoom(): void {
    this.#load -= 1;
    if (!this.wantsRoom || this.stage !== 'open') return;
    this.wantsRoom = false;
    this.#engine.agenda.at(this.#engine.now, () => this.holder.roomy());
  }
}
