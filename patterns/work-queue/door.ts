/**
 * Door: the ROUTER of a queue at which its producers or its workers are.
 */
import { Router } from 'brokerless';
import type { Frames, PeerMessage, Port } from 'brokerless/kit';
import type { QueueMessage } from './acts-rules.ts';
import { LIST_BYTES } from './messages.ts';
import type { QueueOptions } from './queue-options.ts';

/** Opens a door that is not bound yet. `onLeave` hears of each peer whose connection ends. */
export function openDoor(options: QueueOptions, onLeave: (peer: string) => void): Router<Frames> {
  const { maxMessageBytes = 1 << 20, insecure, notifications, onFault } = options;
  return new Router<Frames>({
    codec: 'frames',
    highWaterMark: 1000,
    maxMessageBytes: maxMessageBytes + 2 * LIST_BYTES,
    maxQueueBytes: Number.MAX_SAFE_INTEGER, // The rules bound what is on its way.
    insecure,
    notifications,
    onFault,
    onLeave,
  });
}

/** A ROUTER as a port. Payloads are passed on as they came, without a copy. */
export function doorPort(door: Router<Frames>): Port<QueueMessage> {
  return {
    messages: door,
    send: (message) => {
      const { peer, value } = message as PeerMessage;
      return door.send(peer, value, { transfer: true });
    },
  };
}
