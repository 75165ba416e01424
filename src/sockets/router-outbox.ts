/**
 * Router outbox: an open batch for each peer that something was sent to in this turn of the event loop,
 * and one writer for all of them.
 *
 * All values of a batch share one promise, which settles when ZeroMQ has taken or refused the message. A
 * value that is the frames of a message is no part of a batch, and leaves at once.
 */
import { BrokerlessError, closedError, isBrokerlessError, messageOf } from '../errors.ts';
import { type Deferred, deferred } from '../run/running.ts';
import { politely } from '../run/turn.ts';
import type { Message } from '../wire/batch.ts';
import { freshCopy } from '../wire/codec.ts';
import { checkFrames, type Packer, packerFor } from '../wire/packer.ts';
import { codingFor, isBatched, type QueueOptions, type SocketOptions } from './options.ts';
import type { Peer, PeerNames } from './peers.ts';
import type { SendingHalf } from './socket.ts';
import { type Parcel, Writer, type WriterOptions } from './writer.ts';

/** What a router outbox is made of. */
export interface RouterOutboxOptions<T> extends WriterOptions {
  /** The socket's own options. */
  readonly options: SocketOptions<T> & QueueOptions;
  /** What connections are called. */
  readonly names: PeerNames;
  /** The most bytes of one encoded value. */
  readonly maxMessageBytes: number;
  /** How many bytes may wait. */
  readonly maxQueueBytes: number;
}

// A batch begins in a piece of memory about as large as those of the last turn took on average, since
// there may be one for each of thousands of peers.
const SMALLEST_SLAB_BYTES = 1024;

// What all batches of a turn may begin with together, about.
const FIRST_SLABS_BYTES = 4 << 20;

interface Open<T> {
  readonly packer: Packer<T>;
  readonly id: Buffer;
  /** What the values in the open batch wait for. */
  outcome: Deferred<void> | undefined;
  /** The same, of the message that left last. */
  left: Deferred<void> | undefined;
}

/** The sending half of a Router. */
export class RouterOutbox<T> implements SendingHalf {
  readonly #options: RouterOutboxOptions<T>;
  readonly #writer: Writer;
  readonly #isFrames: boolean;
  readonly #open = new Map<Peer, Open<T>>();
  readonly #leave = (): void => this.#seal();
  #slabBytes = SMALLEST_SLAB_BYTES;
  #openBytes = 0; // In open batches.
  #turnBytes = 0; // In messages posted since the last turn's end.
  #closed = false;

  constructor(options: RouterOutboxOptions<T>) {
    this.#options = options;
    this.#writer = new Writer(options);
    this.#isFrames = codingFor(options.options) === 'frames';
  }

  get sent(): number {
    return this.#writer.sent;
  }

  get bytesSent(): number {
    return this.#writer.bytesSent;
  }

  get dropped(): number {
    return this.#writer.dropped;
  }

  get refused(): number {
    return this.#writer.refused;
  }

  get depth(): number {
    let open = 0;
    for (const { packer } of this.#open.values()) open += packer.count;
    return open + this.#writer.depth;
  }

  get depthBytes(): number {
    return this.#openBytes + this.#writer.depthBytes;
  }

  /** Takes a value for a peer; the promise settles when ZeroMQ has taken or refused it. */
  send(peer: Peer, value: T, transfer: boolean): Promise<void> {
    if (this.#closed) return refusal(closedError('Router'));
    if (this.#writer.depthBytes + this.#openBytes >= this.#options.maxQueueBytes) {
      this.#writer.refused += 1;
      const full = 'Router: the queue is full, as more is sent than taken';
      return politely(refusal(new BrokerlessError('QUEUE_FULL', full)));
    }
    try {
      if (this.#isFrames) return this.#sendFrames(peer, value as readonly Uint8Array[], transfer);
      const open = this.#open.get(peer) ?? this.#begin(peer);
      const before = open.packer.bytes;
      open.packer.pack(value, transfer);
      this.#openBytes += open.packer.bytes - before;
      const isOpen = open.packer.count > 0; // Otherwise it has left already.
      const outcome = isOpen ? (open.outcome ??= deferred<void>()) : open.left;
      return (outcome as Deferred<void>).promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  drain(): Promise<void> {
    this.#closed = true;
    this.#seal();
    return this.#writer.drain();
  }

  end(): void {
    this.#closed = true;
    this.#writer.end();
  }

  #sendFrames(peer: Peer, value: readonly Uint8Array[], transfer: boolean): Promise<void> {
    const { names, maxMessageBytes } = this.#options;
    const frames: Uint8Array[] = [names.idOf(peer)];
    checkFrames(value, maxMessageBytes);
    for (const frame of value) frames.push(transfer ? frame : freshCopy(frame));
    const letter = new Letter(frames);
    this.#writer.push(letter);
    return letter.outcome;
  }

  #begin(peer: Peer): Open<T> {
    const { options, maxMessageBytes } = this.#options;
    if (this.#open.size === 0) queueMicrotask(() => process.nextTick(this.#leave));
    const id = this.#options.names.idOf(peer);
    const share = Math.ceil(FIRST_SLABS_BYTES / (this.#open.size + 1));
    const packer = packerFor<T>(codingFor(options), isBatched(options), {
      maxMessageBytes,
      firstSlabBytes: Math.max(SMALLEST_SLAB_BYTES, Math.min(this.#slabBytes, share)),
      deal: () => 1,
      emit: (message) => this.#post(open, message),
    });
    const open: Open<T> = { packer, id, outcome: undefined, left: undefined };
    this.#open.set(peer, open);
    return open;
  }

  #seal(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#openBytes = 0;
    for (const { packer } of open) packer.seal();
    if (open.length === 0) return;
    this.#slabBytes = Math.max(SMALLEST_SLAB_BYTES, Math.ceil((2 * this.#turnBytes) / open.length));
    this.#turnBytes = 0;
  }

  #post(open: Open<T>, { frame, before = [], count }: Message): void {
    const outcome = open.outcome ?? deferred<void>();
    open.outcome = undefined;
    open.left = outcome;
    this.#turnBytes += frame.length;
    this.#writer.push({
      frames: [open.id, ...before, frame],
      count,
      sent: outcome.resolve,
      failed: (cause) => outcome.reject(undelivered(cause)),
    });
  }
}

/** A message that is one value, and the promise of whoever sent it. */
class Letter implements Parcel {
  readonly frames: Uint8Array[];
  readonly count = 1;
  readonly outcome: Promise<void>;
  #resolve: () => void = nothing;
  #reject: (error: unknown) => void = nothing;

  constructor(frames: Uint8Array[]) {
    this.frames = frames;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  sent(): void {
    this.#resolve();
  }

  failed(cause: unknown): void {
    this.outcome.catch(nothing); // A send need not be awaited.
    this.#reject(undelivered(cause));
  }
}

function nothing(): void {}

function undelivered(cause: unknown): BrokerlessError {
  if (isBrokerlessError(cause)) return cause; // The socket has been closed.
  const code = (cause as { code?: unknown }).code;
  if (code === 'EHOSTUNREACH') {
    return new BrokerlessError('UNREACHABLE', 'the peer is not connected', { cause });
  }
  if (code === 'EAGAIN') {
    return new BrokerlessError('PEER_FULL', 'the peer takes less than it is sent', { cause });
  }
  return new BrokerlessError('SOCKET', `ZeroMQ would not send: ${messageOf(cause)}`, { cause });
}

// Handled already: a send need not be awaited, and what became of it is counted.
function refusal(why: BrokerlessError): Promise<never> {
  const refused = Promise.reject(why);
  refused.catch(() => {});
  return refused;
}
