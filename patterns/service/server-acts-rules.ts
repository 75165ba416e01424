/**
 * Acts: what the rules of a server can have done, and what they tell. Pure.
 */
import type { Action, PeerMessage } from 'brokerless/kit';
import type { Question } from './messages.ts';
import type { Served } from './served-rules.ts';
import type { Session } from './session-rules.ts';

/**
 * Why a client is one no longer: it has `'left'`, its connection is `'gone'`, it was `'silent'` for too long, or it
 * takes `'nothing'` of what it is sent.
 */
export type ClientLoss = 'left' | 'gone' | 'silent' | 'nothing';

/** Why nobody waits for an answer any more. */
export type Unwanted = 'cancelled' | 'expired' | 'gone';

/** What the rules tell. */
export type ServerTold =
  | { readonly kind: 'work' }
  | {
      readonly kind: 'unwanted';
      readonly served: Served;
      readonly why: Unwanted;
      /** Whether its handler is at work for nobody. */
      readonly isAtWork: boolean;
    }
  /** Nobody wants any more what it is at work on, after its own client others who had asked for the same effect. */
  | { readonly kind: 'forsaken'; readonly served: Served; readonly why: Unwanted }
  | { readonly kind: 'refused' | 'repeated' | 'credit'; readonly served: Served }
  | {
      readonly kind: 'question';
      readonly session: Session;
      readonly number: number;
      readonly question: Question;
    }
  | { readonly kind: 'joined'; readonly client: string }
  | { readonly kind: 'lost'; readonly client: string; readonly reason: ClientLoss }
  | { readonly kind: 'fault'; readonly client: string }
  | { readonly kind: 'drained' };

/** What the rules have done. */
export type ServerAct = Action<'clients', PeerMessage, ServerTold>;
