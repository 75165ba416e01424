/**
 * Halves: the sending and the receiving half of a socket whose messages are one frame of values, which
 * is what Push, Pull and Dealer are made of.
 */

import type { Socket } from 'zeromq';
import { packerFor } from '../wire/packer.ts';
import { FramesUnpacker, type Unpacker, unpackerFor } from '../wire/unpacker.ts';
import { publishReceived, publishSent } from './diagnostics.ts';
import { Inbox } from './inbox.ts';
import { Lifecycle } from './lifecycle.ts';
import type { NativeOptions, ReadableSocket, WritableSocket } from './native.ts';
import {
  codingFor,
  isBatched,
  MAX_MESSAGE_BYTES,
  MAX_QUEUE_BYTES,
  nativeOptions,
  type QueueOptions,
  type SocketOptions,
  type ValueOptions,
} from './options.ts';
import { Outbox } from './outbox.ts';
import { checkWith } from './schema.ts';
import { pressTo, readFrom, whole, writeTo } from './transfer.ts';

/** The life of a socket with these options; `native` are those that only its type has. */
export function lifeOf<Raw extends Socket, T>(
  Type: new () => Raw,
  owner: string,
  options: SocketOptions<T> & Pick<QueueOptions, 'batch'>,
  native: NativeOptions = {},
): Lifecycle<Raw> {
  return new Lifecycle(Type, {
    owner,
    native: { ...nativeOptions(options, isBatched(options)), ...native },
    maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    insecure: options.insecure === true,
    onFault: options.onFault,
  });
}

/** The sending half: values are dealt among the peers. `isDuplex`: the socket is read from as well. */
export function outboxOf<T>(
  life: Lifecycle<WritableSocket>,
  owner: string,
  options: SocketOptions<T> & QueueOptions,
  isDuplex = false,
): Outbox<T> {
  const packing = {
    maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    deal: () => peersOf(life),
  };
  return new Outbox<T>({
    owner,
    packer: (emit) => packerFor(codingFor(options), isBatched(options), { ...packing, emit }),
    maxQueueBytes: options.maxQueueBytes ?? MAX_QUEUE_BYTES,
    overflow: options.overflow ?? 'wait',
    write: (message) => (isDuplex ? pressTo(life, message) : writeTo(life, message)),
    onSent: (values, bytes) => publishSent(life.endpoint, values, bytes),
  });
}

/** The receiving half. */
export function inboxOf<T>(
  life: Lifecycle<ReadableSocket>,
  owner: string,
  options: SocketOptions<T> & ValueOptions<T>,
): Inbox<T> {
  const { schema } = options;
  const { unpacker, bodyOf } = bodiesOf(life, options);
  const onFault = (reason: string): void => life.fault(reason);
  return new Inbox<T>({
    owner,
    unpacker,
    read: () => readFrom(life),
    body: (frames) => bodyOf(whole(life, frames), 0),
    check: schema && checkWith(schema, onFault),
    onFault,
  });
}

/** How the messages of a socket become values. */
export interface Bodies<T> {
  /** Turns bodies into values. */
  readonly unpacker: Unpacker<T>;
  /** The body of a message that begins with `skip` other frames; undefined, and a fault, if it has none. */
  readonly bodyOf: (frames: readonly Uint8Array[], skip: number) => Uint8Array | undefined;
}

/** How the messages of a socket with these options become values. */
export function bodiesOf<T>(
  life: Lifecycle<Socket>,
  options: SocketOptions<T> & ValueOptions<T>,
): Bodies<T> {
  const coding = codingFor(options);
  const reading = {
    maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    copies: () => options.copy === true || life.inproc,
  };
  if (coding === 'frames') return frameBodies(life, new FramesUnpacker(reading)) as Bodies<never>;
  return {
    unpacker: unpackerFor(coding, reading),
    bodyOf: (frames, skip) => only(life, frames, skip),
  };
}

function only(
  life: Lifecycle<Socket>,
  frames: readonly Uint8Array[],
  skip: number,
): Uint8Array | undefined {
  const body = frames[skip];
  if (body !== undefined) publishReceived(life.endpoint, body.length);
  if (frames.length === skip + 1) return body;
  life.fault(
    `a message of ${frames.length} frames, where ${skip === 0 ? 'one was' : `${skip + 1} were`} expected`,
  );
  return undefined;
}

function frameBodies(
  life: Lifecycle<Socket>,
  unpacker: FramesUnpacker,
): Bodies<readonly Uint8Array[]> {
  const bodyOf: Bodies<unknown>['bodyOf'] = (frames, skip) => {
    const own = frames.slice(skip);
    unpacker.hold(own);
    for (const frame of own) publishReceived(life.endpoint, frame.length);
    return own[0];
  };
  return { unpacker, bodyOf };
}

// Over inproc there are no events to count peers by, so a turn's values are dealt as if to eight.
const INPROC_PEERS = 8;

function peersOf(life: Lifecycle<Socket>): number {
  return Math.max(life.monitor.connections, life.inproc ? INPROC_PEERS : 1);
}
