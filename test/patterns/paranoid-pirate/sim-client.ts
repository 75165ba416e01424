/**
 * A client of a simulated queue: asks again until it is answered or its time is over, and looks closely at
 * what it is sent.
 */
import { decodeHeader, encodeHeader } from '../../../src/broker/header.ts';
import type { Frames } from '../../../src/broker/requests.ts';
import type { SimNode, SimPort, World } from '../../../src/testing/index.ts';
import { decodeFailure } from '../../../src/wire/envelope.ts';

const TIMEOUT_MS = 4000;
const GIVE_UP_MS = 20_000;
const EMPTY = new Uint8Array(0);

/** What a client is told at the start. */
export interface SimClientOptions {
  /** Whether messages may be doubled on their way. */
  readonly isHostile: boolean;
  /** Whether an attempt is of no use any more when the next is made. */
  readonly isHurried: boolean;
  /** Hears how a request has ended; called once for each. */
  readonly settled: (id: string, isAnswer: boolean, askedAt: number) => void;
}

interface Asked {
  readonly id: string;
  readonly at: number;
  attempts: number;
}

/** One life of a client. */
export class SimClient {
  readonly #node: SimNode;
  readonly #port: SimPort;
  readonly #world: World;
  readonly #options: SimClientOptions;
  readonly #asked = new Map<string, Asked>();
  readonly #replied = new Set<string>(); // Attempts that had a reply.

  constructor(node: SimNode, world: World, options: SimClientOptions) {
    this.#node = node;
    this.#world = world;
    this.#options = options;
    this.#port = node.connect('dealer', 'clients');
    this.#port.read((message) => this.#hear(message as Frames));
  }

  /** Asks until there is an answer or the time is over. */
  ask(id: string): void {
    this.#asked.set(id, { id, at: this.#node.now, attempts: 0 });
    this.#attempt(id);
  }

  #attempt(id: string): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const remainingMs = asked.at + GIVE_UP_MS - this.#node.now;
    if (remainingMs <= 0) {
      this.#settle(asked, false);
      return;
    }
    asked.attempts += 1;
    const name = new TextEncoder().encode(`${id}#${asked.attempts}`);
    const wantedMs = this.#options.isHurried ? Math.min(TIMEOUT_MS, remainingMs) : remainingMs;
    const header = encodeHeader({ id: name, priority: asked.attempts % 3, remainingMs: wantedMs });
    this.#port.send([header, EMPTY, new TextEncoder().encode(id)]);
    this.#node.after(Math.min(TIMEOUT_MS, remainingMs), () => this.#attempt(id));
  }

  #hear([header = EMPTY, empty, body = EMPTY, failure]: Frames): void {
    const name = new TextDecoder().decode(decodeHeader(header)?.id);
    const [id = ''] = name.split('#');
    if (empty?.length !== 0 || name === '') this.#world.fail(`S2: a reply to no request of ours`);
    if (this.#replied.has(name) && !this.#options.isHostile) {
      this.#world.fail(`S3: ${name} is replied to twice`);
    }
    this.#replied.add(name);
    if (failure !== undefined) {
      this.#world.mark(`failure:${decodeFailure(failure).code}`);
      return; // It asks again when its patience is over.
    }
    const answered = new TextDecoder().decode(body);
    if (answered !== id) this.#world.fail(`S2: ${id} is sent the answer to ${answered}`);
    const asked = this.#asked.get(id);
    if (asked === undefined) this.#world.mark('answered late');
    else this.#settle(asked, true);
  }

  #settle(asked: Asked, isAnswer: boolean): void {
    this.#asked.delete(asked.id);
    this.#world.mark(isAnswer ? 'answered' : 'given up');
    this.#options.settled(asked.id, isAnswer, asked.at);
  }
}
