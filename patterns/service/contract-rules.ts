/**
 * Rules of contracts: what methods may be called, and how two sides find out whether they mean the same. Pure.
 */
import { type Check, show } from 'brokerless/kit';

/** How a method is asked and answered: with one value, with many, or not at all. */
export type MethodKind = 'call' | 'stream' | 'event';

/** The most methods of a contract. */
export const MAX_METHODS: number = 10_000;

/** Names of a client's own members, and the word that makes an object a promise: no method may have one of them. */
export const clientNames = [
  'ask',
  'close',
  'off',
  'on',
  'ready',
  'servers',
  'stats',
  'then',
] as const;

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;

// Members of a client, members of every object, and the word that makes an object a promise.
const reserved: readonly string[] = [
  ...clientNames,
  ...Object.getOwnPropertyNames(Object.prototype),
];

/** A check of a method's name. */
export const nameFault: Check = (value) => {
  if (typeof value === 'string' && NAME.test(value) && !reserved.includes(value)) return undefined;
  return `a word of letters, digits and _ that is none of ${reserved.filter(isPlain).join(', ')}`;
};

const isPlain = (word: string): boolean => NAME.test(word);

/** How a method is written when two sides compare what they know. */
export function signatureOf(kind: MethodKind, name: string): string {
  return `${kind} ${name}`;
}

/** A number made of all that two sides must have in common, as text: FNV-1a, 64 bits, in two halves. */
export function hashOf(name: string, version: string, signatures: readonly string[]): string {
  const sorted = [...signatures];
  sorted.sort();
  const text = JSON.stringify([name, version, sorted]);
  return `${half(text, 0x811c_9dc5)}${half(text, 0x2d35_8dcc)}`;
}

const FNV_PRIME = 0x0100_0193;

function half(text: string, basis: number): string {
  let hash = basis;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** What a server offers, as far as a client has to have it too. */
export interface Offer {
  /** The name of its contract. */
  readonly name: string;
  /** The version of that. */
  readonly version: string;
  /** Its methods: for each signature its place. */
  readonly places: ReadonlyMap<string, number>;
}

/** What a client wants. */
export interface Demand {
  /** The name of its contract. */
  readonly name: string;
  /** The version of that. */
  readonly version: string;
  /** The signatures of its methods. */
  readonly signatures: readonly string[];
}

/** Why what a client wants is not what a server offers; undefined if it is. */
export function mismatchOf(demand: Demand, offer: Offer): string | undefined {
  if (demand.name !== offer.name) {
    return `the client asks for ${show(demand.name)}, and this is ${show(offer.name)}`;
  }
  if (demand.version !== offer.version) {
    return `the client has version ${show(demand.version)}, the server ${show(offer.version)}`;
  }
  const missing = demand.signatures.filter((signature) => !offer.places.has(signature));
  if (missing.length === 0) return undefined;
  const named = missing.slice(0, 5).map(show).join(', ');
  return `the server has no ${named}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`;
}
