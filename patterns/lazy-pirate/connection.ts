/**
 * Connection: the socket of a Lazy Pirate client, of which there is one at a time, and what becomes of those
 * before it.
 */
import { type BrokerlessError, Dealer } from 'brokerless';
import type { Frames, Port } from 'brokerless/kit';

/** What a connection is made of. */
export interface ConnectionOptions {
  /** The most bytes of one message. */
  readonly maxMessageBytes: number;
  /** The present socket is connected now, or not any more. */
  readonly onChange: (isConnected: boolean) => void;
  /** The present socket has taken a message. */
  readonly onTaken: () => void;
  /** Hears of each message that made no sense. */
  readonly onFault: (fault: BrokerlessError) => void;
  /** Hears of an endpoint that nothing can be connected to. */
  readonly onError: (error: unknown) => void;
}

// So much may wait in the socket, and no more: what waits in the rules can be taken back.
const QUEUE_BYTES = 64 << 10;

/** Opens sockets one after the other. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new Set<Promise<unknown>>();
  #current: Dealer<Frames> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** A fresh socket, connected to `endpoint`; it is the present one from now on. */
  open(endpoint: string): Port<Frames> {
    const { maxMessageBytes, onFault } = this.#options;
    const dealer = new Dealer<Frames>({
      codec: 'frames',
      maxQueueBytes: QUEUE_BYTES,
      maxMessageBytes,
      onFault,
    });
    this.#current = dealer;
    const look = (): void => this.#look(dealer, dealer.stats().connections > 0);
    dealer.on('handshake', look).on('disconnect', look);
    dealer.connect(endpoint).then(
      () => {
        if (endpoint.startsWith('inproc:')) this.#look(dealer, true); // It has no events.
      },
      (error: unknown) => {
        if (dealer === this.#current) this.#options.onError(error);
      },
    );
    return {
      messages: dealer,
      send: (frames) => this.#send(dealer, frames),
      close: () => this.#close(dealer),
    };
  }

  /** Closes the present socket. Resolves when it and all before it are closed. */
  async close(): Promise<void> {
    if (this.#current !== undefined) this.#close(this.#current);
    this.#current = undefined;
    await Promise.all(this.#closing);
  }

  #look(dealer: Dealer<Frames>, isConnected: boolean): void {
    if (dealer === this.#current) this.#options.onChange(isConnected);
  }

  async #send(dealer: Dealer<Frames>, frames: Frames): Promise<void> {
    try {
      await dealer.send(frames, { transfer: true });
    } finally {
      if (dealer === this.#current) this.#options.onTaken();
    }
  }

  /** Nobody wants what is still in it. */
  #close(dealer: Dealer<Frames>): void {
    const closing = dealer.close({ drainMs: 0 }).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
