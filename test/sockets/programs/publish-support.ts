/**
 * What tests of publish and subscribe share: checking a subscriber's count at each value, and a cable
 * between two sockets that can be cut.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Subscriber } from 'brokerless';

/** What is published where losses are counted: the value's own number, and some weight. */
export type Numbered = readonly [n: number, weight: string];

/** What a subscriber of numbered values has seen, and where its count was ever wrong. */
export interface Tally {
  /** How many values have come. */
  readonly received: number;
  /** The number of the last one. */
  readonly last: number;
  /** At how many of them received and missed did not add up to what had been sent. */
  readonly wrong: number;
}

/**
 * Reads a subscriber whose one topic is numbered from 0 by its values, too, and checks at every value
 * that as many were sent as were received and missed.
 */
export function tally(
  subscriber: Subscriber<Record<string, Numbered>>,
  onValue: (n: number) => void = () => {},
): Tally {
  const own = { received: 0, last: -1, wrong: 0 };
  let before = 0; // Sent by publishers that are no more.
  void (async () => {
    for await (const { value } of subscriber) {
      const [n] = value;
      if (n <= own.last) before += own.last + 1;
      own.received += 1;
      own.last = n;
      if (own.received + subscriber.stats().missed !== before + n + 1) own.wrong += 1;
      onValue(n);
    }
  })();
  return own;
}

/** A way from a TCP port to another that can be cut, and mended. */
export class Cable implements AsyncDisposable {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #whole = true;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** A cable to a socket's endpoint. */
  static async to(endpoint: string): Promise<Cable> {
    const port = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
    const server = createServer();
    const cable = new Cable(server);
    server.on('connection', (near) => cable.#join(near, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return cable;
  }

  /** Where to connect to in place of the socket. */
  get endpoint(): string {
    const address = this.#server.address();
    return `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  /** Ends every connection, and each new one at once. */
  cut(): void {
    this.#whole = false;
    for (const end of this.#ends) end.destroy();
  }

  /** Lets connections through again. */
  mend(): void {
    this.#whole = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(end);
      end.setNoDelay(true);
      end.on('error', () => {});
      end.on('close', () => {
        this.#ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
    if (!this.#whole) near.destroy();
  }
}
