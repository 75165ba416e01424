/**
 * Strangers: clients of plain TCP that say whatever bytes a test gives them, and what there is to say
 * in ZeroMQ's own protocol, ZMTP 3.0 (rfc.zeromq.org/spec/23) and before.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A TCP client that says `bytes` and stays until it is let go or cut. */
export class Stranger implements Disposable {
  /** Whether the other end has hung up. */
  cut = false;
  /** How many bytes it was sent. */
  received = 0;
  readonly #socket: Socket;

  constructor(endpoint: string, bytes: Uint8Array) {
    const port = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.cut = true;
    });
    this.#socket.on('data', (data) => {
      this.received += data.length;
    });
    this.say(bytes);
  }

  /** Says more. */
  say(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#socket.write(bytes);
  }

  /** Reads nothing from now on. */
  pause(): void {
    this.#socket.pause();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Bytes from hexadecimal; blanks are for the reader. */
export const bytes = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** The greeting of a peer without keys. */
export const greeting: Buffer = Buffer.concat([
  bytes('ff 00 00 00 00 00 00 00 01 7f 03 00'),
  Buffer.from('NULL'.padEnd(20, '\0')),
  Buffer.alloc(32),
]);

/** All that a peer of that ZeroMQ type says before its first message; `name` is its routing id. */
export function hello(type: string, name = ''): Buffer {
  const properties = [property('Socket-Type', type), property('Identity', name)];
  const body = Buffer.concat([bytes('05'), Buffer.from('READY'), ...properties]);
  return Buffer.concat([greeting, Buffer.of(4, body.length), body]);
}

function property(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), length, Buffer.from(value)]);
}

/** A message of these frames, each up to 255 bytes, as it travels. */
export function message(...frames: readonly Uint8Array[]): Buffer {
  const last = frames.length - 1;
  return Buffer.concat(
    frames.flatMap((frame, i) => [Buffer.of(i < last ? 1 : 0, frame.length), frame]),
  );
}

/** What strangers say, all of which ends with them being cut. */
export const sayings: readonly (readonly [string, Buffer])[] = [
  ['nothing at all', Buffer.alloc(0)],
  ['random bytes', Buffer.concat([bytes('00'), randomBytes(4000)])],
  // With another version than this it would be taken for a peer of an old protocol, see below.
  [
    'random bytes after a signature',
    Buffer.concat([greeting.subarray(0, 10), bytes('03'), randomBytes(4000)]),
  ],
  ['half a greeting', greeting.subarray(0, 20)],
  ['a greeting and no more', greeting],
  ['a greeting and random bytes', Buffer.concat([greeting, bytes('00'), randomBytes(4000)])],
  [
    'a command without end',
    Buffer.concat([greeting, bytes('06 7fffffffffffffff'), randomBytes(9)]),
  ],
];

/**
 * Bytes that libzmq takes for a peer of its first protocols, which shake no hands: it serves them. What
 * follows their names is a message of one frame, or what a REQ would send.
 */
export const oldPeers: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['ZMTP 1.0 and a message', bytes('01 00 06 00 48454c4c4f')],
  ['ZMTP 1.0 and a request', bytes('01 00 01 01 06 00 48454c4c4f')],
  ['ZMTP 2.0 and a message', bytes('ff 00000000000000 01 7f 01 08 00 00 00 05 48454c4c4f')],
];

/** CBOR that attacks its decoder, or is none. */
export const hostileItems: readonly (readonly [string, Buffer])[] = [
  ['an item cut short', bytes('1a 00')],
  ['a break alone', bytes('ff')],
  ['a head that is reserved', bytes('1c')],
  ['two items', bytes('02 02')],
  ['an array that claims four billion members', bytes('9a ffffffff 01')],
  ['a byte string that claims to be endless', bytes('5b 7fffffffffffffff 00')],
  ['text that is no UTF-8', bytes('62 c3 28')],
  ['arrays two hundred deep', Buffer.alloc(200, 0x81)],
  ['a record of cbor-x', bytes('d9 dff0 83 00 81 61 61 01')],
  ['a regular expression', bytes('d8 1b 82 66 526567457870 81 61 61')],
  ['a bignum of 200 bytes', Buffer.concat([bytes('c2 58 c8'), Buffer.alloc(200, 0xff)])],
  ['a batch without an end', bytes('d9b10c 9f')],
  ['a batch of nothing', bytes('d9b10c 9f ff')],
  ['a batch in a batch', bytes('d9b10c 9f d9b10c 9f 01 ff ff')],
];
