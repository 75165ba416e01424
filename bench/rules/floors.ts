/**
 * Floors: the same steps as people write them who need no promise: nothing is limited, timed, checked or
 * told apart by attempts.
 */
import { Fifo, type Frames, type PeerMessage, send } from 'brokerless/kit';
import { type BrokerRules, brokerStep } from './broker.ts';
import type { Crowd } from './job.ts';

const DELIMITER = new Uint8Array(0);
const body = new Uint8Array(100);

/** Whoever is idle longest gets the next request; who asked is kept by worker. */
class IdleList implements BrokerRules {
  readonly deadline = undefined;
  readonly #idle = new Fifo<string>();
  readonly #waiting = new Fifo<PeerMessage>();
  readonly #clients = new Map<string, string>();

  accepts(): boolean {
    return true;
  }

  receive(from: 'clients' | 'workers', message: unknown): ReturnType<BrokerRules['receive']> {
    const { peer, value } = message as PeerMessage;
    const out: ReturnType<typeof send<'clients' | 'workers', PeerMessage>>[] = [];
    if (from === 'clients') this.#waiting.push({ peer, value });
    else {
      const client = this.#clients.get(peer);
      if (client !== undefined) out.push(send('clients', { peer: client, value }));
      this.#idle.push(peer);
    }
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.shift() as string;
      const next = this.#waiting.shift() as PeerMessage;
      this.#clients.set(worker, next.peer);
      out.push(send('workers', { peer: worker, value: next.value }));
    }
    return out;
  }

  tick(): [] {
    return [];
  }
}

/** A broker's step. */
export function floorBroker({ workers }: Crowd): () => void {
  return brokerStep(new IdleList(), workers, [Uint8Array.of(0x01)]);
}

/** A worker's: what stands before the delimiter, and the reply. */
export function floorLane(): () => void {
  const request: Frames = [new Uint8Array(16), DELIMITER, body];
  return () => {
    const start = request.findIndex(({ length }) => length === 0) + 1;
    const reply = [...request.slice(0, start), ...request.slice(start)];
    if (reply.length !== 3) throw new Error('no reply');
  };
}

/** A client's: a number for each question, and who waits for it. */
export function floorClient(inFlight: number): () => void {
  const calls = new Map<number, object>();
  const atServer: Frames[] = [];
  let next = 0;
  const ask = (): void => {
    next += 1;
    const number = Buffer.allocUnsafe(8).fill(0, 0, 4);
    number.writeUInt32BE(next, 4);
    calls.set(next, { body });
    atServer[next % inFlight] = [number, DELIMITER, body];
  };
  for (let i = 0; i < inFlight; i += 1) ask();
  return () => {
    const [number] = atServer[(next + 1) % inFlight] as readonly Buffer[];
    if (!calls.delete((number as Buffer).readUInt32BE(4))) throw new Error('nobody has asked');
    ask();
  };
}
