/**
 * Clients: what those say who ask a server, and what becomes of what they have asked when they are there no longer.
 *
 * Who has not introduced itself is not listened to. Pure.
 */
import { type Frames, type ListReader, tell } from 'brokerless/kit';
import { mismatchOf, type Offer } from './contract-rules.ts';
import { type Kinds, readHello, readServed } from './intake-rules.ts';
import type { Jobs } from './jobs-rules.ts';
import { entry, Letter, readerOf, readQuestion } from './messages.ts';
import type { Served } from './served-rules.ts';
import type { ClientLoss, ServerAct, Unwanted } from './server-acts-rules.ts';
import type { Session } from './session-rules.ts';
import { Sessions, type SessionsOptions, say } from './sessions-rules.ts';
import { Speech } from './speech-rules.ts';

/** What clients are told at the start. */
export interface ClientsOptions extends SessionsOptions {
  /** What is offered. */
  readonly offer: Offer & { readonly hash: string };
  /** How its methods are answered, in their places. */
  readonly kinds: Kinds;
}

// More than anybody has room for.
const MAX_CREDIT = 1_000_000_000;

// Why a client is refused that is told more than it reads.
const UNREAD = 'the client has not read what it was told';

// What a ping is answered with: null.
const PONG: Uint8Array = Uint8Array.of(0xf6);

/** Those who ask. */
export class Clients {
  /** Calls, streams and events that came. */
  received = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** Whether nobody new is let in. */
  isDraining = false;
  /** Who is there. */
  readonly sessions: Sessions;
  /** What is said to them of what they have asked. */
  readonly speech: Speech;
  readonly #jobs: Jobs;
  readonly #options: ClientsOptions;

  constructor(jobs: Jobs, options: ClientsOptions) {
    this.#jobs = jobs;
    this.#options = options;
    this.sessions = new Sessions(options);
    this.speech = new Speech(this.sessions);
  }

  /** Takes a message. */
  hear(peer: string, message: Frames, now: number, out: ServerAct[]): void {
    const reader = readerOf(message);
    const session = this.sessions.get(peer);
    if (reader === undefined) this.fault(peer, out);
    else if (session === undefined) this.#greet(peer, reader, now, out);
    else {
      this.sessions.heard(session, now);
      this.#hear(session, reader, now, out);
    }
  }

  /** Answers a question of a client about the server itself, if it has read what it was told before. */
  inform(session: Session, number: number, answer: Uint8Array, now: number): void {
    if (session.isOver || session.isFull) return;
    this.sessions.letterTo(session, now).add(entry.answer).uint(number).item(answer);
  }

  /** Somebody new says what it wants. */
  #greet(peer: string, reader: ListReader, now: number, out: ServerAct[]): void {
    const { offer, heartbeatMs } = this.#options;
    const demand = readHello(reader);
    if (demand === undefined) return this.#turnAway(peer, out);
    if (this.isDraining || !this.sessions.hasRoom) return; // It will ask again.
    const mismatch = mismatchOf(demand, offer);
    if (mismatch !== undefined) {
      const letter = new Letter();
      letter.add(entry.mismatch).text(mismatch);
      out.push(say(peer, letter.take()));
      return;
    }
    const methods = demand.signatures.map((signature) => offer.places.get(signature) ?? 0);
    const session = this.sessions.begin(peer, methods, now);
    const letter = this.sessions.letterTo(session, now);
    letter.add(entry.welcome).uint(heartbeatMs).text(offer.hash);
    out.push(tell({ kind: 'joined', client: peer }));
    this.#hear(session, reader, now, out); // More may follow at once.
  }

  /** Somebody who has not introduced itself, or has been forgotten, learns that it has to. */
  #turnAway(peer: string, out: ServerAct[]): void {
    const letter = new Letter();
    letter.add(entry.unknown);
    out.push(say(peer, letter.take()));
    this.fault(peer, out);
  }

  /** Takes all that a client says. What follows something senseless is not read. */
  #hear(session: Session, reader: ListReader, now: number, out: ServerAct[]): void {
    while (reader.left > 0 && !session.isOver) {
      const said = reader.uint();
      if (said === entry.call || said === entry.open || said === entry.event) {
        const served = readServed(said, session, reader, { kinds: this.#options.kinds, now });
        if (served !== undefined) this.#accept(served, session, now, out);
        else if (reader.left > 0 || reader.isAtEnd) this.fault(session.peer, out);
      } else if (said === entry.more) this.#more(session, reader, out);
      else if (said === entry.cancel) this.#cancel(session, reader, out);
      else if (said === entry.ask) this.#inquire(session, reader, now, out);
      else if (said === entry.mark) this.#mark(session, reader, out);
      else if (said === entry.quiet) session.isQuiet = true;
      else if (said === entry.bye) this.end(session, 'left', out);
      else if (said !== entry.beat) reader.fail();
    }
    if (!session.isOver && !reader.isAtEnd) this.fault(session.peer, out);
  }

  #accept(served: Served, session: Session, now: number, out: ServerAct[]): void {
    this.received += 1;
    const accepted = served.hasRoom ? this.#jobs.accept(served, now) : 'full';
    if (accepted === 'full') this.refuse(served, now, out);
    else if (typeof accepted === 'object') {
      out.push(...this.speech.answer(served, accepted, now), tell({ kind: 'repeated', served }));
    } else {
      if (served.came.kind !== 'event') session.asked.set(served.came.number, served);
      if (accepted === 'shares') out.push(tell({ kind: 'repeated', served }));
    }
  }

  #more(session: Session, reader: ListReader, out: ServerAct[]): void {
    const served = session.asked.get(reader.uint() ?? -1);
    const count = reader.uint();
    if (served === undefined || count === undefined) return; // It may have ended by now.
    served.credit = Math.min(MAX_CREDIT, served.credit + count);
    out.push(tell({ kind: 'credit', served }));
  }

  #cancel(session: Session, reader: ListReader, out: ServerAct[]): void {
    const served = session.asked.get(reader.uint() ?? -1);
    if (served !== undefined) this.drop(served, 'cancelled', out);
  }

  #inquire(session: Session, reader: ListReader, now: number, out: ServerAct[]): void {
    const number = reader.uint();
    const question = readQuestion(reader);
    if (number === undefined || question === undefined) return;
    if (question === 'ping') this.inform(session, number, PONG, now);
    else out.push(tell({ kind: 'question', session, number, question }));
  }

  /** How far a client has read. Streams go on that have waited for that. */
  #mark(session: Session, reader: ListReader, out: ServerAct[]): void {
    const wasFull = session.isFull;
    session.hasRead(reader.uint() ?? 0);
    if (!wasFull || session.isFull) return;
    for (const served of session.asked.values()) {
      if (served.came.kind === 'stream') out.push(tell({ kind: 'credit', served }));
    }
  }

  /** There is too much to do, or its client does not read what it is told. */
  refuse(served: Served, now: number, out: ServerAct[]): void {
    const reason = served.hasRoom ? 'the server has too much to do' : UNREAD;
    out.push(...this.speech.refuse(served, 'OVERLOADED', reason, now));
    out.push(tell({ kind: 'refused', served }));
  }

  /** It has waited, and is not carried out. */
  passOver(served: Served, now: number, out: ServerAct[]): void {
    if (now < served.came.deadline) return this.refuse(served, now, out);
    out.push(...this.speech.refuse(served, 'EXPIRED', 'its time was over before it began', now));
    this.drop(served, 'expired', out);
  }

  /** Nobody waits for it any more. */
  drop(served: Served, why: Unwanted, out: ServerAct[]): void {
    const { session, number, kind } = served.came;
    const idle = this.#jobs.drop(served);
    if (kind !== 'event') session.asked.delete(number);
    out.push(tell({ kind: 'unwanted', served, why, isAtWork: idle === served }));
    if (idle !== undefined && idle !== served) {
      out.push(tell({ kind: 'forsaken', served: idle, why }));
    }
  }

  /** A client is there no longer, nor does it wait for anything. */
  end(session: Session, reason: ClientLoss, out: ServerAct[]): void {
    this.sessions.end(session);
    for (const served of session.asked.values()) this.drop(served, 'gone', out);
    out.push(tell({ kind: 'lost', client: session.peer, reason }));
  }

  /** Somebody has said something that makes no sense. */
  fault(client: string, out: ServerAct[]): void {
    this.faults += 1;
    out.push(tell({ kind: 'fault', client }));
  }
}
