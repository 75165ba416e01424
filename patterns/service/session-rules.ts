/**
 * Session: one client of a server, from its first word to the end of its connection. Pure.
 */
import { NumberMap } from 'brokerless/kit';
import { Letter } from './messages.ts';
import type { Served } from './served-rules.ts';

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

  constructor(peer: string, methods: readonly number[]) {
    this.peer = peer;
    this.methods = methods;
  }
}
