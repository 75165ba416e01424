/**
 * Transfer: how messages pass between a socket of ours and ZeroMQ, from its first endpoint on.
 *
 * One read and one write at a time. Nothing is read or written before the socket is bound or connected.
 */
import type { Socket } from 'zeromq';
import { BrokerlessError } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import { afterTurn } from '../run/turn.ts';
import type { Message } from '../wire/batch.ts';
import { cut, join, PIECE_BYTES } from '../wire/pieces.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type ReadableSocket, read, type WritableSocket, write } from './native.ts';

/**
 * The next message, once there is an endpoint it could come from. One call at a time.
 *
 * What the first message of a turn causes leaves before another is looked for: where there is none, looking takes
 * ZeroMQ as long as sending, and whoever asked waits for both. The others of the turn are taken at once.
 */
export function readFrom(life: Lifecycle<ReadableSocket>): Promise<Buffer[]> {
  if (life.detached !== undefined) return life.detached.then(() => read(life.raw));
  if (life.readsOn) return read(life.raw);
  life.readsOn = true;
  return afterTurn().then(() => {
    process.nextTick(() => {
      life.readsOn = false; // All that was there has been taken by now.
    });
    return read(life.raw);
  });
}

/** A message that has been read, as it was before it was sent: over inproc it may come in pieces. */
export function whole(life: Lifecycle<Socket>, frames: Buffer[]): Buffer[] {
  return life.inproc ? join(frames) : frames;
}

/** The frames as they are handed to ZeroMQ. */
function outward(life: Lifecycle<Socket>, frames: Uint8Array[]): Uint8Array[] {
  return life.sendsPieces ? cut(frames) : frames;
}

/** The same for frames of which ZeroMQ reads the first: the name of a peer, or a topic. */
function addressed(life: Lifecycle<Socket>, frames: Uint8Array[]): Uint8Array[] {
  const [address, ...others] = frames;
  if (!life.sendsPieces || address === undefined) return frames;
  if (address.length <= PIECE_BYTES) return [address, ...cut(others)];
  const what = 'a name or topic that a thread sends over inproc';
  throw new BrokerlessError('TOO_LARGE', `${what} has at most ${PIECE_BYTES} bytes`);
}

/**
 * Hands a message to ZeroMQ, once there is an endpoint it could go to; waits for room. One call at a
 * time.
 */
export function writeTo(
  life: Lifecycle<WritableSocket>,
  { frame, before }: Pick<Message, 'frame' | 'before'>,
): Promise<void> {
  const frames = before === undefined ? [frame] : [...before, frame];
  return life.detached === undefined
    ? write(life.raw, outward(life, frames))
    : life.detached.then(() => write(life.raw, outward(life, frames)));
}

/**
 * The same for sockets that send to somebody in particular and never wait for room: those that drop, and those whose
 * `sendTimeout` is 0.
 */
export function writeFrames(life: Lifecycle<WritableSocket>, frames: Uint8Array[]): Promise<void> {
  return life.detached === undefined
    ? life.raw.send(addressed(life, frames))
    : life.detached.then(() => life.raw.send(addressed(life, frames)));
}

/**
 * Hands a message to ZeroMQ if it has room, without a wait: rejects with `EAGAIN` if not. For sockets
 * whose `sendTimeout` is 0. A send that waits cannot be taken back.
 */
export function offerFrames(life: Lifecycle<WritableSocket>, frames: Uint8Array[]): Promise<void> {
  return isAlone(life) ? Promise.reject(nobody) : life.raw.send(outward(life, frames));
}

const nobody = Object.assign(new Error('nobody is connected'), { code: 'EAGAIN' });

/** Whether nobody is known to be there. What is sent right after a disconnect would be lost. */
function isAlone({ detached, inproc, monitor }: Lifecycle<Socket>): boolean {
  return detached !== undefined || (!inproc && monitor.connections === 0);
}

/**
 * Hands a message to ZeroMQ, and offers it again until there is room, for sockets that are read from as well:
 * a send that waits within zeromq sleeps on if a read that begins meanwhile takes the event that would wake it.
 * Their `sendTimeout` is 0. One call at a time.
 */
export async function pressTo(
  life: Lifecycle<WritableSocket>,
  { frame, before }: Pick<Message, 'frame' | 'before'>,
): Promise<void> {
  const frames = before === undefined ? [frame] : [...before, frame];
  while (!life.disposed) {
    try {
      return await offerFrames(life, frames);
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
    }
    await roomIn(life);
  }
  throw nobody;
}

/** Whether ZeroMQ had no room for a message. */
export function hasNoRoom(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'EAGAIN';
}

// How long to wait for room: with a peer that takes little, and with nobody there, where a handshake
// ends the wait (over inproc there is none).
const ROOM_MS = 2;
const PEER_MS = 50;

/** Resolves when it is worth it to offer a message again that ZeroMQ had no room for. */
export async function roomIn(life: Lifecycle<Socket>): Promise<void> {
  if (life.detached !== undefined) return life.detached;
  const { monitor, inproc } = life;
  const pauseMs = monitor.connections > 0 || inproc ? ROOM_MS : PEER_MS;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      cancel();
      monitor.off('handshake', look);
      resolve();
    };
    const cancel = systemClock.at(systemClock.now() + pauseMs, look);
    monitor.on('handshake', look);
  });
}
