/**
 * Peers of a service that say whatever a test has them say: a bare DEALER and a bare ROUTER, and CBOR of their own.
 */
import * as zmq from 'zeromq';
import { cbor } from '../work-queue/raw.ts';
import { type Entry, entriesOf } from './entries.ts';
import { LONG } from './running.ts';

/** The greatest number that travels. */
export const HUGE = Number.MAX_SAFE_INTEGER;

/** Entries as a list, each its number and its pieces. */
export type Said = readonly (readonly unknown[])[];

/** A message in which these things are said. */
export const saying = (...entries: Said): Buffer => cbor(['bs1', ...entries.flat()]);

/** What a client says first. */
export const helloOf = (name: string, ...signatures: readonly string[]): readonly unknown[] => [
  1,
  name,
  '1',
  '',
  signatures.length,
  ...signatures,
];

/** Reads on until `name` is said; returns its pieces. */
async function heard(
  name: Entry[0],
  { from }: { readonly from: () => Promise<readonly Entry[]> },
  unread: Entry[],
): Promise<readonly unknown[]> {
  for (const deadline = performance.now() + LONG.timeoutMs; performance.now() < deadline; ) {
    while (unread.length > 0) {
      const [first, ...pieces] = unread.shift() as Entry;
      if (first === name) return pieces;
    }
    unread.push(...(await from()));
  }
  throw new Error(`waited in vain to hear ${name}`);
}

/** A client, closed with the scope. */
export class RawClient implements Disposable {
  readonly #socket = new zmq.Dealer({ linger: 0, receiveTimeout: LONG.timeoutMs });
  readonly #unread: Entry[] = [];

  constructor(endpoint: string) {
    this.#socket.connect(endpoint);
  }

  /** Says these things in one message. */
  say(...entries: Said): Promise<void> {
    return this.#socket.send(saying(...entries));
  }

  /** Sends these frames. */
  send(...frames: readonly Uint8Array[]): Promise<void> {
    return this.#socket.send(frames.map((frame) => Buffer.from(frame)));
  }

  /** Waits for the next thing of this name that is said; answers with its pieces. */
  hears(name: Entry[0]): Promise<readonly unknown[]> {
    return heard(name, { from: async () => entriesOf(await this.#socket.receive()) }, this.#unread);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** A server that says what a test has it say, to the one client that it has. */
export class FalseServer implements Disposable {
  readonly #socket = new zmq.Router({
    linger: 0,
    receiveTimeout: LONG.timeoutMs,
    sendHighWaterMark: 0, // What finds a full pipe would be dropped.
  });
  readonly #unread: Entry[] = [];
  #peer: Buffer = Buffer.alloc(0);

  /** Where it is. */
  async bind(): Promise<string> {
    await this.#socket.bind('tcp://127.0.0.1:*');
    return this.#socket.lastEndpoint ?? '';
  }

  /** Waits for the next thing of this name that is said; answers with its pieces. */
  hears(name: Entry[0]): Promise<readonly unknown[]> {
    return heard(name, { from: () => this.#receive() }, this.#unread);
  }

  /** Welcomes the client that says hello next. */
  async welcomes(heartbeatMs = 60_000): Promise<void> {
    await this.hears('hello');
    await this.says([11, heartbeatMs, '']);
  }

  /** Says these things in one message. */
  says(...entries: Said): Promise<void> {
    return this.sends(saying(...entries));
  }

  /** Sends these frames. */
  sends(...frames: readonly Uint8Array[]): Promise<void> {
    return this.#socket.send([this.#peer, ...frames.map((frame) => Buffer.from(frame))]);
  }

  async #receive(): Promise<readonly Entry[]> {
    const [peer, ...frames] = await this.#socket.receive();
    this.#peer = peer as Buffer;
    return entriesOf(frames);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
