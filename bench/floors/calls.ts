/**
 * Calls: requests in flight on one DEALER of raw `zeromq`, each found again by its number.
 *
 *     [number: 8 bytes] [empty] [body]
 *
 * As an expert writes it: one loop receives and settles the promise of whoever asked, one loop sends
 * whenever there is something to send (zeromq takes one send at a time), nothing is checked or limited
 * in time.
 */
import type { Dealer } from 'zeromq';

const NUMBER_BYTES = 8;

const delimiter = Buffer.alloc(0);

/** The calls that wait for their replies. */
export class Calls {
  readonly #socket: Dealer;
  readonly #waiting = new Map<number, (reply: Uint8Array) => void>();
  #unsent: Uint8Array[][] = [];
  #sending = false;
  #count = 0;

  constructor(socket: Dealer) {
    this.#socket = socket;
  }

  /** Asks; resolves with the body of the reply. */
  ask(payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#count = (this.#count + 1) >>> 0;
      const number = Buffer.allocUnsafe(NUMBER_BYTES).fill(0, 0, 4);
      number.writeUInt32BE(this.#count, 4);
      this.#waiting.set(this.#count, resolve);
      this.#unsent.push([number, delimiter, payload]);
      if (!this.#sending) this.#send().catch(reject);
    });
  }

  /** Receives so many replies. Until then nobody is answered. */
  async listen(replies: number): Promise<void> {
    for (let i = 0; i < replies; i += 1) {
      const [number, , body] = (await this.#socket.receive()) as [Buffer, Buffer, Buffer];
      const key = number.readUInt32BE(4);
      this.#waiting.get(key)?.(body);
      this.#waiting.delete(key);
    }
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#unsent.length > 0) {
      const batch = this.#unsent;
      this.#unsent = [];
      for (const frames of batch) await this.#socket.send(frames);
    }
    this.#sending = false;
  }
}
