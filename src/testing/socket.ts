/**
 * Sockets of a simulated world, which connect, queue, refuse and forget as those of ZeroMQ do.
 *
 * A message is what our own sockets take and give with codec `'frames'`: the frames, and on a router
 * `{ peer, value }`. A restarted router names its peers by the same row of names as before.
 */
import { BrokerlessError } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import { type Packet, Pipe, type PipeHolder, word } from './pipe.ts';
import type { Driveable, Owner, Reader, SimPort, SocketKind, Taken } from './port.ts';

/** A message that a router takes and gives. */
interface Addressed {
  readonly peer: string;
  readonly value: unknown;
}

const RECONNECT_MS = 100;
const RECONNECT_MAX_MS = 5000;
const MAX_QUEUED = 1000;
const UP = word('up');

/** One socket, bound or connected to one address. */
export class SimSocket implements SimPort, Driveable, PipeHolder {
  /** What kind it is. */
  readonly kind: SocketKind;
  /** Where it is bound or connected to. */
  readonly address: string;
  /** Whether it is bound, and not connected. */
  readonly isBound: boolean;
  reader: Reader | undefined;
  readonly #owner: Owner<SimSocket>;
  readonly #to: string; // Whom what is dealt goes to, as the trace has it.
  readonly #peers = new Map<string, Pipe>(); // By routing id, or by a number where that has no meaning.
  #pipes: readonly Pipe[] = []; // Of the same.
  readonly #listed = new Fifo<Pipe>(); // Those with something to be read.
  readonly #queue = new Fifo<Packet>(); // What waits for a peer with room, on all but routers.
  readonly #waiters = new Fifo<() => void>(); // Of the last so many in the queue, those beyond its bound.
  #turn = 0; // Whose turn it is to be sent something.
  #nextId: number;
  #calling: Pipe | undefined;
  #tries = 0;
  #closed = false;

  constructor(owner: Owner<SimSocket>, kind: SocketKind, address: string, isBound: boolean) {
    this.#owner = owner;
    this.kind = kind;
    this.address = address;
    this.#to = `to ${address}`;
    this.isBound = isBound;
    this.#nextId = kind === 'router' ? owner.nextRoutingIds() : 1;
  }

  get name(): string {
    return this.#owner.name;
  }

  /** Whether somebody has closed it. */
  get isClosed(): boolean {
    return this.#closed;
  }

  get hasMessage(): boolean {
    return this.#listed.length > 0;
  }

  get depth(): number {
    return this.#queue.length;
  }

  /** Binds or connects. Throws `ADDRESS` if another is bound there. */
  open(): void {
    const { network, name } = this.#owner;
    if (!this.isBound) {
      network.call(name, this.address);
      this.#connect();
    } else if (!network.listen(this.address, this)) {
      this.#closed = true; // What is bound there is another's.
      throw new BrokerlessError('ADDRESS', `${name}: ${this.address} is taken`);
    }
  }

  read(receive: (message: unknown) => void, left: (peer: string) => void = () => {}): void {
    const readable = (): void => {
      for (let taken = this.take(); taken !== undefined; taken = this.take()) {
        if (taken.kind === 'message') receive(taken.value);
        else if (taken.kind === 'left') left(taken.peer);
      }
    };
    this.reader = { readable, left };
    this.#owner.post(this.#owner.engine.now, readable);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.isBound) this.#owner.network.unlisten(this.address);
    for (const pipe of this.#peers.values()) pipe.close();
    this.#calling?.close();
    this.reader = undefined;
  }

  send(message: unknown, onTaken?: () => void): BrokerlessError | boolean {
    if (this.#closed) return new BrokerlessError('CLOSED', `${this.name}: the socket is closed`);
    if (this.kind === 'pull') {
      throw new BrokerlessError('BAD_OPTION', `${this.name}: a pull socket sends nothing`);
    }
    if (this.kind === 'router') return this.#route(message as Addressed);
    this.#queue.push(this.#packet(message, this.#to));
    this.#flush();
    if (this.#queue.length <= MAX_QUEUED) return true;
    if (onTaken !== undefined) this.#waiters.push(onTaken);
    return false;
  }

  take(): Taken | undefined {
    if (this.#closed) return undefined;
    for (let pipe = this.#listed.shift(); pipe !== undefined; pipe = this.#listed.shift()) {
      const packet = pipe.take();
      pipe.isListed = pipe.inbound.length > 0;
      if (pipe.isListed) this.#listed.push(pipe);
      if (packet === undefined) continue;
      if (packet.kind === 'left') return { kind: 'left', peer: pipe.peer };
      const { engine } = this.#owner;
      engine.note('receive', this.name, pipe.from, packet.number);
      const { value } = packet;
      const received = this.kind === 'router' ? { peer: pipe.peer, value } : value;
      return { kind: 'message', value: received };
    }
    return undefined;
  }

  arrived(pipe: Pipe): void {
    if (!pipe.isListed) {
      pipe.isListed = true;
      this.#listed.push(pipe);
    }
    if (!this.#owner.isFrozen) this.reader?.readable();
  }

  opened(pipe: Pipe): void {
    this.#tries = 0;
    this.#calling = undefined;
    this.#accept(pipe);
  }

  ended(pipe: Pipe): void {
    this.#owner.whenAwake(() => this.#forget(pipe));
  }

  roomy(): void {
    this.#owner.whenAwake(() => this.#flush());
  }

  #accept(pipe: Pipe): void {
    pipe.peer =
      this.kind === 'router'
        ? `00${(this.#nextId >>> 0).toString(16).padStart(8, '0')}`
        : `${this.#nextId}`;
    this.#nextId += 1;
    this.#peers.set(pipe.peer, pipe);
    this.#pipes = [...this.#peers.values()];
    this.#owner.engine.note('connect', this.name, pipe.other.holder.name, 0, pipe.peer);
    this.#owner.whenAwake(() => this.#flush());
  }

  #forget(pipe: Pipe): void {
    if (this.#closed) return;
    this.#peers.delete(pipe.peer);
    this.#pipes = [...this.#peers.values()];
    const { engine } = this.#owner;
    engine.note('end', this.name, pipe.other.holder.name, 0, pipe.peer);
    const { notifications } = engine.conditions;
    if (this.isBound) {
      if (this.kind !== 'router' || !notifications) return;
      pipe.inbound.push(word('left')); // What it said before can still be read.
      this.arrived(pipe);
      return;
    }
    while (pipe.inbound.length > 0) pipe.inbound.shift(); // As `immediate` does.
    if (this.#calling === pipe) this.#calling = undefined;
    else if (notifications) this.reader?.left(this.address);
    if (!this.#closed) this.#connectLater();
  }

  #packet(value: unknown, to: string): Packet {
    const { engine } = this.#owner;
    const packet: Packet = { kind: 'message', value, number: engine.nextMessage() };
    engine.note('send', this.name, to, packet.number, value);
    return packet;
  }

  #route({ peer, value }: Addressed): BrokerlessError | boolean {
    const pipe = this.#peers.get(peer);
    if (pipe === undefined || pipe.stage === 'closed') {
      return this.#refuse('UNREACHABLE', `${peer} is not connected`, value);
    }
    if (!pipe.hasRoom) {
      return this.#refuse('PEER_FULL', `${peer} takes less than it is sent`, value);
    }
    pipe.send(this.#packet(value, pipe.to));
    return true;
  }

  #refuse(code: 'UNREACHABLE' | 'PEER_FULL', why: string, value: unknown): BrokerlessError {
    const { engine } = this.#owner;
    engine.mark(`unsent:${code}`);
    engine.note('unsent', this.name, code, 0, value);
    return withoutStack(() => new BrokerlessError(code, why));
  }

  /** Deals what waits to the peers that have room, to each in its turn. */
  #flush(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const pipe = this.#nextPeer();
      if (pipe === undefined) return;
      const first = this.#queue.shift();
      if (first !== undefined) pipe.send(first);
      this.#waiters.shift()?.();
    }
  }

  #nextPeer(): Pipe | undefined {
    const pipes = this.#pipes;
    for (let tried = 0; tried < pipes.length; tried += 1) {
      this.#turn = (this.#turn + 1) % pipes.length;
      const pipe = pipes[this.#turn];
      if (pipe?.hasRoom === true) return pipe;
    }
    for (const pipe of pipes) pipe.wantsRoom = true;
    return undefined;
  }

  #connect(): void {
    if (this.#closed) return;
    const { engine, network, name } = this.#owner;
    const target = network.find(this.address);
    if (target === undefined || !this.#reaches(target)) {
      this.#connectLater();
      return;
    }
    const arrival = engine.now + network.way(name, target.name).latencyMs();
    engine.agenda.at(arrival, () => {
      if (this.#closed) return;
      if (target.isClosed || !this.#reaches(target)) this.#connectLater();
      else this.#handshake(target);
    });
  }

  #handshake(target: SimSocket): void {
    const { engine, network, name } = this.#owner;
    const mine = new Pipe(engine, this, network.way(name, target.name));
    const theirs = new Pipe(engine, target, network.way(target.name, name));
    Pipe.join(mine, theirs);
    this.#calling = mine;
    theirs.stage = 'open';
    target.#accept(theirs);
    theirs.say(UP);
  }

  #reaches(target: SimSocket): boolean {
    const { network, name } = this.#owner;
    const [there, back] = [network.way(name, target.name), network.way(target.name, name)];
    return !there.isBlocked && !back.isBlocked && !target.#owner.isFrozen;
  }

  #connectLater(): void {
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    const waitMs = ceiling * (0.5 + this.#owner.jitter() / 2);
    this.#owner.post(this.#owner.engine.now + waitMs, () => this.#connect());
  }
}

/** An error of which nobody will see where it was made: to find that out takes longer than all that is done with it. */
function withoutStack<T extends Error>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = make();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
