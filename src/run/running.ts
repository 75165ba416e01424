/**
 * Running: what starting a part of a pattern gives back.
 */
import { nanoid } from 'nanoid';

/** A part of a pattern at work: something to look at, and to close. */
export interface Running<Stats> extends AsyncDisposable {
  /** Its numbers at this moment. */
  stats(): Stats;
  /** Ends it and closes its sockets. Closing again changes nothing. */
  close(): Promise<void>;
}

/** A promise, and the means to settle it from outside. */
export interface Deferred<T> {
  /** The promise. A rejection that nobody waits for is not reported as unhandled. */
  readonly promise: Promise<T>;
  /** Fulfils it. */
  readonly resolve: (value: T) => void;
  /** Rejects it. */
  readonly reject: (error: unknown) => void;
}

/** Makes a {@link Deferred}. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** `action`, so that it runs once however often it is called; every call gives the same outcome. */
export function once<T>(action: () => Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () => (outcome ??= action());
}

/** A name that nothing else has: for a run, a worker, a request. */
export function newId(): string {
  return nanoid();
}

/** Random bytes: for what no other process must have by chance. */
export function newBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
