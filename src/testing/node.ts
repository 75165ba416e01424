/**
 * Nodes: the processes of a simulated world, which die, come back knowing nothing, and stand still.
 */
import { BrokerlessError } from '../errors.ts';
import type { Rules } from '../rules/rules.ts';
import { Disk, type DiskOptions, OpenDisk, type SimDisk } from './disk.ts';
import { Driver, type SimDriven, type SimDriveOptions } from './driver.ts';
import type { Engine } from './engine.ts';
import type { Network } from './network.ts';
import type { Owner, SimPort, SocketKind } from './port.ts';
import { SimSocket } from './socket.ts';
import { SimSource } from './source.ts';

/** One life of a node, as the program that runs on it sees it. */
export interface SimNode {
  /** What the node is called. */
  readonly name: string;
  /** Which of its lives this is, from 1 up. */
  readonly incarnation: number;
  /** The time, in milliseconds since the world began. */
  readonly now: number;
  /** Draws a number from 0 up to but not including 1, for this life. */
  random(): number;
  /** Opens a socket that others connect to. Throws `ADDRESS` if one is bound there. */
  bind(kind: SocketKind, address: string): SimPort;
  /** Opens a socket that connects to `address`, and again whenever it has lost its connection. */
  connect(kind: SocketKind, address: string): SimPort;
  /** A port that gives rules one of these values after the other, and ends. */
  source(values: Iterable<unknown>): SimPort;
  /** Opens the disk of this node, which has what earlier lives have stored. Once in a life, until closed. */
  disk(options?: DiskOptions): SimDisk;
  /** Sets rules to work on such ports. */
  drive<Name extends string, Message, Told>(
    rules: Rules<Name, Message, Told>,
    options: SimDriveOptions<Name, Told>,
  ): SimDriven<Name, Message, Told>;
  /** Does something `ms` later, in this life. Late if the node is frozen then. Returns what cancels it. */
  after(ms: number, action: () => void): () => void;
}

// How libzmq's first routers of a process name their peers; it never seeds its generator.
const FIRST_ROUTING_ID = 0x6b8b4567;
const ROUTING_ID_STEP = 0x3c6ef372;

/** One life of a node. */
export class Life implements SimNode, Owner<SimSocket> {
  readonly name: string;
  readonly incarnation: number;
  readonly engine: Engine;
  readonly network: Network<SimSocket>;
  readonly jitter: () => number;
  readonly #host: Host;
  readonly #ports = new Set<SimSocket | OpenDisk>();
  #random: (() => number) | undefined;
  #deferred: (() => void)[] = [];
  #freezes = 0;
  #isOver = false;
  #routers = 0;

  constructor(host: Host, incarnation: number) {
    this.#host = host;
    this.name = host.name;
    this.incarnation = incarnation;
    this.engine = host.engine;
    this.network = host.network;
    this.jitter = host.jitter;
  }

  get now(): number {
    return this.engine.now;
  }

  get isFrozen(): boolean {
    return this.#freezes > 0;
  }

  random(): number {
    this.#random ??= this.engine.random(`node/${this.name}/${this.incarnation}`);
    return this.#random();
  }

  bind(kind: SocketKind, address: string): SimSocket {
    return this.#open(new SimSocket(this, kind, address, true));
  }

  connect(kind: SocketKind, address: string): SimSocket {
    return this.#open(new SimSocket(this, kind, address, false));
  }

  source(values: Iterable<unknown>): SimPort {
    return new SimSource(values);
  }

  disk(options: DiskOptions = {}): SimDisk {
    if ([...this.#ports].some((port) => port instanceof OpenDisk && !port.isClosed)) {
      throw new BrokerlessError('BAD_OPTION', `${this.name}: the disk is open already`);
    }
    this.#host.disk ??= new Disk(this.engine, this.name);
    return this.#keep(new OpenDisk(this, this.#host.disk, options));
  }

  drive<Name extends string, Message, Told>(
    rules: Rules<Name, Message, Told>,
    options: SimDriveOptions<Name, Told>,
  ): SimDriven<Name, Message, Told> {
    const driver = new Driver(this, rules, options, (old, to) => this.#reopened(old, to));
    driver.start();
    return driver;
  }

  after(ms: number, action: () => void): () => void {
    return this.post(this.now + ms, action);
  }

  post(time: number, run: () => void): () => void {
    const entry = this.engine.agenda.at(time, () => {
      // It may still be cancelled while it waits.
      if (this.isFrozen) this.whenAwake(() => entry.run?.());
      else if (!this.#isOver) run();
    });
    return () => {
      entry.run = undefined;
    };
  }

  soon(run: () => void): void {
    this.engine.agenda.at(this.now, () => this.whenAwake(run));
  }

  whenAwake(run: () => void): void {
    if (this.#isOver) return;
    if (this.isFrozen) this.#deferred.push(run);
    else run();
  }

  nextRoutingIds(): number {
    this.#routers += 1;
    return FIRST_ROUTING_ID + (this.#routers - 1) * ROUTING_ID_STEP;
  }

  /** Ends this life, with all that it has open. */
  die(): void {
    this.#isOver = true;
    this.#deferred = [];
    for (const port of this.#ports) port.close();
  }

  /** Stands still. */
  freeze(): void {
    this.#freezes += 1;
  }

  /** Goes on: what was due meanwhile is done first, or what has come is read first. */
  thaw(readsFirst: boolean): void {
    this.#freezes -= 1;
    if (this.isFrozen || this.#isOver) return;
    const deferred = this.#deferred;
    this.#deferred = [];
    if (readsFirst) this.#read();
    for (const run of deferred) this.whenAwake(run);
    if (!readsFirst) this.#read();
  }

  #read(): void {
    for (const port of this.#ports) port.reader?.readable();
  }

  #reopened(old: SimPort, to: string | undefined): SimSocket {
    if (!(old instanceof SimSocket)) {
      throw new BrokerlessError('BAD_OPTION', `${this.name}: only a socket can be opened anew`);
    }
    return this.#open(new SimSocket(this, old.kind, to ?? old.address, old.isBound));
  }

  #open(socket: SimSocket): SimSocket {
    this.#keep(socket).open();
    return socket;
  }

  #keep<Port extends SimSocket | OpenDisk>(port: Port): Port {
    for (const old of this.#ports) if (old.isClosed) this.#ports.delete(old);
    this.#ports.add(port);
    return port;
  }
}

/** What may happen to a node. All of it, unless it is left out here. */
export interface NodeOptions {
  /** Whether it may die and be started again. Default true. */
  readonly mayCrash?: boolean | undefined;
  /** Whether it may stand still. Default true. */
  readonly mayFreeze?: boolean | undefined;
}

/** A node through all of its lives. */
export class Host {
  /** What it is called. */
  readonly name: string;
  /** The world it is in. */
  readonly engine: Engine;
  /** The network it is on. */
  readonly network: Network<SimSocket>;
  /** What may happen to it. */
  readonly options: NodeOptions;
  /** Draws what nobody decides. */
  readonly jitter: () => number;
  /** Its life at present, if it is up. */
  life: Life | undefined;
  /** Its disk, once a program has opened it. */
  disk: Disk | undefined;
  readonly #start: (node: SimNode) => void;
  #lives = 0;
  #crashes = 0;

  constructor(
    engine: Engine,
    network: Network<SimSocket>,
    name: string,
    start: (node: SimNode) => void,
    options: NodeOptions,
  ) {
    this.engine = engine;
    this.network = network;
    this.name = name;
    this.options = options;
    this.jitter = engine.random(`jitter/${name}`);
    this.#start = start;
  }

  /** How many lives it has begun. */
  get lives(): number {
    return this.#lives;
  }

  /** Begins a life. */
  start(): void {
    this.#lives += 1;
    this.engine.note('start', this.name, '', this.#lives);
    this.life = new Life(this, this.#lives);
    this.#start(this.life);
  }

  /** Ends its life, until the function that is returned is called. */
  crash(): () => void {
    this.#crashes += 1;
    this.life?.die();
    this.life = undefined;
    this.disk?.crash();
    return () => {
      this.#crashes -= 1;
      if (this.#crashes === 0) this.start();
    };
  }

  /** Makes it stand still, until the function that is returned is called. */
  freeze(readsFirst: boolean): () => void {
    const { life } = this;
    life?.freeze();
    return () => life?.thaw(readsFirst);
  }
}
