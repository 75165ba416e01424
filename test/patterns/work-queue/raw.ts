/**
 * A peer of a work queue that says whatever a test has it say: a bare DEALER, and CBOR of its own.
 */
import { Decoder, Encoder } from 'cbor-x';
import * as zmq from 'zeromq';
import { hello, Stranger } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { LONG } from './running.ts';

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true });

/** A value as it travels. */
export function cbor(value: unknown): Buffer {
  return encoder.encode(Array.isArray(value) ? value.map(wide) : value);
}

/** What cbor-x would write as a fraction, because it is long, is to be a whole number. */
function wide(value: unknown): unknown {
  return Number.isSafeInteger(value) && Number(value) > 0xffff_ffff ? BigInt(Number(value)) : value;
}

function narrow(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** A peer, closed with the scope. */
export class RawPeer implements Disposable {
  readonly #socket = new zmq.Dealer({ linger: 0, receiveTimeout: LONG.timeoutMs });

  constructor(endpoint: string) {
    this.#socket.connect(endpoint);
  }

  /** Says a list. */
  say(...list: readonly unknown[]): Promise<void> {
    return this.#socket.send(cbor(list));
  }

  /** Sends these frames. */
  send(...frames: readonly Uint8Array[]): Promise<void> {
    return this.#socket.send(frames.map((frame) => Buffer.from(frame)));
  }

  /** Waits for the next message that begins with `word`; answers with the rest of it. */
  async hears(word: string): Promise<readonly unknown[]> {
    for (const deadline = performance.now() + LONG.timeoutMs; performance.now() < deadline; ) {
      const [frame] = await this.#socket.receive();
      const [first, ...rest] = decoder.decode(frame as Buffer) as unknown[];
      if (first === word) return rest.map(narrow);
    }
    throw new Error(`waited in vain to hear ${word}`);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** So many strangers that have shaken hands as a DEALER does. */
export async function shaken(endpoint: string, count: number): Promise<Stranger[]> {
  const strangers = Array.from({ length: count }, () => new Stranger(endpoint, hello('DEALER')));
  const GREETING_BYTES = 64;
  await until(() => strangers.every(({ received }) => received > GREETING_BYTES + 8), LONG);
  return strangers;
}
