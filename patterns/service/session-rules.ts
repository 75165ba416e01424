/**
 * Session: one client of a server, from its first word to the end of its connection. Pure.
 */
import { type Frames, NumberMap } from 'brokerless/kit';
import { entry, Letter } from './messages.ts';
import type { Served } from './served-rules.ts';

/** What a session is told at the start. */
export interface SessionOptions {
  /** How many bytes a client may have been told that it has not read, before nothing more is done for it. */
  readonly maxUnreadBytes: number;
}

// A client is asked so often how far it has read, while it is told as much as it may leave unread.
const MARKS = 16;

/** One client. */
export class Session {
  /** The name of its connection. */
  readonly peer: string;
  /** The server's places of the methods, in the places that this client gave them. */
  readonly methods: readonly number[];
  /** What is to be said to it. */
  readonly letter: Letter = new Letter();
  /** What it has asked that is not over, by number. */
  readonly asked: NumberMap<Served> = new NumberMap();
  /** Whether it has said that it asks nothing more. */
  isQuiet = false;
  /** Whether its connection has ended. */
  isOver = false;
  /** When something was last said to it. */
  spokeAt = 0;
  readonly #maxUnread: number;
  #said = 0; // Bytes that have left for it.
  #marked = 0; // Of those, up to where it was last asked whether it has read them.
  #read = 0; // Of those, as many as it says that it has read.

  constructor(peer: string, methods: readonly number[], { maxUnreadBytes }: SessionOptions) {
    this.peer = peer;
    this.methods = methods;
    this.#maxUnread = maxUnreadBytes;
  }

  /** Whether more waits for it already than it may leave unread. */
  get isFull(): boolean {
    return this.#said + this.letter.bytes - this.#read > this.#maxUnread;
  }

  /** Takes out what is to be said to it. Now and then it is asked to say back how far it has read. */
  take(): Frames {
    const said = this.#said + this.letter.bytes;
    if ((said - this.#marked) * MARKS > this.#maxUnread) {
      this.letter.add(entry.mark).uint(said);
      this.#marked = said;
    }
    this.#said += this.letter.bytes;
    return this.letter.take();
  }

  /** It says that it has read so many bytes. More than it was asked for it cannot know. */
  hasRead(bytes: number): void {
    if (bytes > this.#read && bytes <= this.#marked) this.#read = bytes;
  }
}
