/**
 * Acts: what the rules of a client can have done, and what they tell. Pure.
 */
import { type Action, type Frames, tell } from 'brokerless/kit';
import type { ClientCall } from './call-rules.ts';
import type { Link } from './link-rules.ts';

/**
 * Why a server is not asked any more: its connection is `'gone'`, it was `'silent'` for too long, it is `'draining'`,
 * or it is on the list no longer.
 */
export type LossReason = 'gone' | 'silent' | 'draining' | 'dropped';

/** What the rules tell. */
export type ClientTold<Key> =
  | { readonly kind: 'over'; readonly calls: readonly ClientCall<Key>[] }
  | { readonly kind: 'item'; readonly call: ClientCall<Key>; readonly item: Uint8Array }
  | { readonly kind: 'up'; readonly endpoint: string }
  | { readonly kind: 'down'; readonly endpoint: string; readonly reason: LossReason }
  | { readonly kind: 'mismatch'; readonly endpoint: string; readonly reason: string }
  | { readonly kind: 'fault'; readonly endpoint: string; readonly reason: string };

/** What the rules have done. */
export type ClientAct<Key> = Action<string, Frames, ClientTold<Key>>;

/** A server may be asked. */
export function up({ endpoint }: Link): ClientAct<never> {
  return tell({ kind: 'up', endpoint });
}

/** A server is asked no longer. */
export function down({ endpoint }: Link, reason: LossReason): ClientAct<never> {
  return tell({ kind: 'down', endpoint, reason });
}
