/**
 * Intake: what clients say to a server, read. Pure.
 */
import { type ListReader, ownCopy } from 'brokerless/kit';
import { type Demand, MAX_METHODS, type MethodKind } from './contract-rules.ts';
import { entry, MESSAGE_BYTES, readMeta } from './messages.ts';
import { Served } from './served-rules.ts';
import type { Session } from './session-rules.ts';

/** What a client says first. Undefined if it makes no sense. */
export function readHello(reader: ListReader): Demand | undefined {
  if (reader.uint() !== entry.hello) return undefined;
  const name = reader.text();
  const version = reader.text();
  const hash = reader.text();
  const count = reader.uint();
  if (name === undefined || version === undefined || hash === undefined) return undefined;
  if (count === undefined || count > Math.min(MAX_METHODS, reader.left)) return undefined;
  const signatures: string[] = [];
  for (let left = count; left > 0; left -= 1) {
    const signature = reader.text();
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { name, version, signatures };
}

/** By which entry each kind of method is asked. */
const asks: Readonly<Record<number, MethodKind>> = {
  [entry.call]: 'call',
  [entry.open]: 'stream',
  [entry.event]: 'event',
};

/** How the methods of the server are answered, in their places. */
export type Kinds = readonly MethodKind[];

/**
 * Reads a call, a stream or an event. Undefined if it makes no sense; if it can be read and makes none all the same,
 * reading may go on.
 */
export function readServed(
  said: number,
  session: Session,
  reader: ListReader,
  { kinds, now }: { readonly kinds: Kinds; readonly now: number },
): Served | undefined {
  const kind = asks[said];
  const start = reader.at;
  const number = kind === 'event' ? 0 : reader.uint();
  const place = reader.uint();
  const ms = reader.uint();
  const credit = kind === 'stream' ? reader.uint() : 0;
  const meta = readMeta(reader);
  const input = reader.item();
  if (kind === undefined || number === undefined || place === undefined) return undefined;
  if (ms === undefined || credit === undefined) return undefined;
  if (meta === undefined || input === undefined) return undefined;
  const method = session.methods[place];
  if (method === undefined || kinds[method] !== kind) return undefined;
  if (kind !== 'event' && session.asked.get(number) !== undefined) return undefined;
  const deadline = ms === 0 ? Infinity : now + ms;
  const bytes = reader.at - start;
  const came = { session, number, kind, method, deadline, meta, input: kept(input), bytes };
  return new Served(came, credit);
}

/** A small part of a large message does not keep the whole of it. */
function kept(input: Uint8Array): Uint8Array {
  const { byteLength } = input.buffer;
  return byteLength > 4 * MESSAGE_BYTES && 2 * input.length < byteLength ? ownCopy(input) : input;
}
