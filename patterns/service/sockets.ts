/**
 * Sockets: the DEALERs of a client, one for each server, opened and closed as its rules say.
 */
import { type BrokerlessError, Dealer } from 'brokerless';
import { type Frames, type Port, workOf } from 'brokerless/kit';

/** What sockets are made of. */
export interface SocketsOptions {
  /** Whether the end of a connection is told. */
  readonly notifications: boolean;
  /** The connection of this port has ended. */
  readonly onLeft: (port: string) => void;
  /** Hears of each message that makes no sense. */
  readonly onFault: ((fault: BrokerlessError) => void) | undefined;
}

// What a socket says first waits for its connection no longer than for about so long.
const FIRST_TRY_MS = 50;
const LAST_TRY_MS = 1000;

// How long what was said last may take to leave.
const FLUSH_MS = 1000;

// An answer takes about so many bytes of a message.
const ANSWER_BYTES = 16;

// ZeroMQ has read a message before it can be refused. What is too large in it is: then only its caller has no answer.
const ANY_BYTES = 0x7fff_ffff;

/** Opens sockets, and knows the present one of each port. */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #present = new Map<string, Dealer<Frames>>();
  readonly #closing = new Set<Promise<unknown>>();

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  /**
   * A socket for a port; or, without an endpoint, a port that leads nowhere. `connected` rejects for an endpoint that
   * is none.
   */
  open(
    port: string,
    endpoint: string | undefined,
  ): { readonly opened: Port<Frames>; readonly connected: Promise<void> } {
    this.#present.delete(port);
    if (endpoint === undefined) return { opened: {}, connected: Promise.resolve() };
    const { notifications, onLeft, onFault } = this.#options;
    const dealer = new Dealer<Frames>({
      codec: 'frames',
      maxMessageBytes: ANY_BYTES,
      maxQueueBytes: Number.MAX_SAFE_INTEGER, // The rules bound what is under way.
      reconnectMs: FIRST_TRY_MS,
      reconnectMaxMs: LAST_TRY_MS,
      onFault,
    });
    this.#present.set(port, dealer);
    const isPresent = (): boolean => this.#present.get(port) === dealer;
    if (notifications) {
      dealer.on('disconnect', () => {
        if (isPresent()) onLeft(port);
      });
    }
    const opened: Port<Frames> = {
      messages: dealer,
      workOf: ([frame]: Frames) => workOf((frame?.length ?? 0) / ANSWER_BYTES, 0),
      send: (frames) => dealer.send(frames, { transfer: true }),
      close: () => this.#close(dealer, 0),
    };
    return { opened, connected: dealer.connect(endpoint) };
  }

  /**
   * Closes all. Resolves when those before them are closed too. What was said last is worth a wait only where
   * somebody `listens`.
   */
  async close(listens: (port: string) => boolean): Promise<void> {
    for (const [port, dealer] of this.#present) this.#close(dealer, listens(port) ? FLUSH_MS : 0);
    this.#present.clear();
    await Promise.all(this.#closing);
  }

  #close(dealer: Dealer<Frames>, drainMs: number): void {
    const closing = dealer.close({ drainMs }).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
