/**
 * A broker's step: a reply of the worker that was given work first, and the next request of the client
 * whom it is for. 64 clients always have one request each, in hand or waiting.
 */
import { Fifo, type Frames, type PeerMessage, type Rules } from 'brokerless/kit';

type Port = 'clients' | 'workers';

/** As much of a broker's rules as takes part. */
export type BrokerRules = Pick<
  Rules<Port, PeerMessage, unknown>,
  'receive' | 'tick' | 'accepts' | 'deadline'
>;

const CLIENTS = 64;
const BODY_BYTES = 100;
const BETWEEN_MS = 0.01;

/** What a client sends; it has a number and a body. */
export const request: Frames = [new Uint8Array(8), new Uint8Array(0), new Uint8Array(BODY_BYTES)];

/** Introduces the workers and the clients to the rules. What it returns does one step, as drive would. */
export function brokerStep(rules: BrokerRules, workers: number, ready: Frames): () => void {
  const inHand = new Fifo<PeerMessage>();
  let now = 0;
  let toClients = '';
  const act = (actions: ReturnType<BrokerRules['receive']>): void => {
    for (const action of actions) {
      if (action.kind !== 'send') continue;
      if (action.to === 'clients') toClients = action.message.peer;
      else if (action.message.value.length > 1) inHand.push(action.message); // Not a heartbeat.
    }
    if (now >= (rules.deadline ?? Number.POSITIVE_INFINITY)) act(rules.tick(now));
  };
  const receive = (from: Port, message: PeerMessage): void => {
    now += BETWEEN_MS;
    if (!rules.accepts(from)) throw new Error(`nothing is accepted of ${from}`);
    act(rules.receive(from, message, now));
  };
  for (let i = 0; i < workers; i += 1) receive('workers', { peer: name(i), value: ready });
  for (let i = 0; i < CLIENTS; i += 1) receive('clients', { peer: name(i), value: request });
  return () => {
    const message = inHand.shift();
    if (message === undefined) throw new Error('no worker has anything in hand');
    receive('workers', message); // The address, the tag and the body come back as they went.
    receive('clients', { peer: toClients, value: request });
  };
}

/** The name of a connection, as ZeroMQ makes them: a zero and four bytes. */
function name(i: number): string {
  return `00${(0x8000_0000 + i).toString(16)}`;
}
