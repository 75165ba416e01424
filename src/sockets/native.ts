/**
 * Native: makes a `zeromq` socket so that it cannot take the process down with it.
 *
 * An option that zeromq's constructor refuses leaves a dangling pointer behind, and the process ends
 * with a segmentation fault. So sockets are constructed bare and their options assigned afterwards.
 * They are also closed when they are garbage collected, so the open ones are held here.
 */
import { isMainThread } from 'node:worker_threads';
import { Pull, type Push, type Socket, Subscriber } from 'zeromq';
import { BrokerlessError, messageOf } from '../errors.ts';

/** zeromq's own options by their zeromq names, whatever the socket type. */
export type NativeOptions = Readonly<Record<string, number | boolean | string>>;

const open = new Set<Socket>();

/**
 * Constructs a socket and assigns its options.
 *
 * @throws BrokerlessError `SOCKET` with zeromq's error as the cause, such as EMFILE when the limit of
 *   sockets (`context.maxSockets`) or of file descriptors is reached.
 */
export function construct<Raw extends Socket>(Type: new () => Raw, options: NativeOptions): Raw {
  let socket: Raw | undefined;
  try {
    socket = new Type();
    assign(socket, options);
  } catch (cause) {
    socket?.close();
    throw new BrokerlessError('SOCKET', `ZeroMQ made no socket: ${messageOf(cause)}`, { cause });
  }
  open.add(socket);
  return socket;
}

/** Assigns options; a misspelt one throws, because zeromq's sockets are sealed. */
export function assign(socket: Socket, options: NativeOptions): void {
  for (const [name, value] of Object.entries(options)) Reflect.set(socket, name, value);
}

/**
 * Assigns options to a socket that has an endpoint already. zeromq warns on the error output that such
 * an option holds only from the next bind or connect on, which is just what is meant.
 */
export function assignForNext(socket: Socket, options: NativeOptions): void {
  const emitWarning = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    assign(socket, options);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Closes the socket and lets go of it. What it still holds may leave for `lingerMs`. */
export function dispose(socket: Socket, lingerMs: number): void {
  if (socket.closed) return;
  socket.linger = lingerMs;
  socket.close();
  open.delete(socket);
}

const SEND_HIGH_WATER_MARK = 23; // zmq.h, ZMQ_SNDHWM: zeromq hides it on sockets that send no values.

/**
 * Lets a SUB socket hold any number of subscriptions on their way. By default it drops without a word
 * those beyond the first thousand, and again each time it reconnects and sends them all anew.
 */
export function holdAllSubscriptions(socket: Socket): void {
  const setter = socket as unknown as { setInt32Option(option: number, value: number): void };
  setter.setInt32Option(SEND_HIGH_WATER_MARK, 0);
}

/** Whether values can be sent with it. In zeromq all sockets have the method. */
export function canSend(socket: Socket): boolean {
  return !(socket instanceof Pull || socket instanceof Subscriber);
}

/** What can be written to. */
export type WritableSocket = Socket & Pick<Push, 'send' | 'writable' | 'sendTimeout'>;

/** What can be read from. */
export type ReadableSocket = Socket & Pick<Pull, 'receive' | 'readable' | 'receiveTimeout'>;

/** Hands a message to ZeroMQ; resolves when it has been taken. One call at a time. */
export function write(socket: WritableSocket, message: Uint8Array | Uint8Array[]): Promise<void> {
  if (!isMainThread) socket.sendTimeout = socket.writable ? 0 : -1;
  return socket.send(message);
}

/** The next message. One call at a time. */
export function read(socket: ReadableSocket): Promise<Buffer[]> {
  // zeromq puts every 513th operation off to a later turn of the event loop, and one that is put off
  // when its thread ends aborts the process, closed or not. Without a timeout it puts off nothing; we
  // let go of the event loop ourselves.
  if (!isMainThread) socket.receiveTimeout = socket.readable ? 0 : -1;
  return socket.receive();
}
