/**
 * Door: the ROUTER of a queue at which its producers or its workers are.
 */
import { Router } from 'brokerless';
import { type Frames, type PeerMessage, type Port, workOf } from 'brokerless/kit';
import type { QueueMessage } from './acts-rules.ts';
import { LIST_BYTES } from './messages.ts';
import type { QueueOptions } from './queue-options.ts';

// No worker is given more items than this, and each may be a message of its own.
const HIGH_WATER_MARK = 10_000;

// What is said of a small item takes about so many bytes.
const ITEM_BYTES = 8;

/** Opens a door that is not bound yet. `onLeave` hears of each peer whose connection ends. */
export function openDoor(options: QueueOptions, onLeave: (peer: string) => void): Router<Frames> {
  const { maxMessageBytes = 1 << 20, insecure, notifications, onFault } = options;
  return new Router<Frames>({
    codec: 'frames',
    highWaterMark: HIGH_WATER_MARK,
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
    workOf: ({ value: [frame] }: PeerMessage) => workOf((frame?.length ?? 0) / ITEM_BYTES, 0),
    send: (message) => {
      const { peer, value } = message as PeerMessage;
      return door.send(peer, value, { transfer: true });
    },
  };
}
