/**
 * Shop, the contracts: what its three services can be asked. All of them share this file, and so do customers.
 *
 * In place of a `.proto` file and what is generated from it, or of the names of NATS subjects and a wiki page.
 */
import { call, contract, event, stream, type } from 'brokerless/patterns/service';

/** What each thing costs. */
export const PRICE = 12;

/** What an order is about. Its number is its own, whoever asks and how often. */
export interface Order {
  /** Its number. */
  readonly order: number;
  /** What is bought: one of them. */
  readonly item: string;
  /** The card that pays. */
  readonly card: string;
}

/** Sets things aside for orders. Asked twice for one order, it sets one thing aside. */
export const stockApi = contract('stock', {
  reserve: call<Pick<Order, 'order' | 'item'>, void, { SOLD_OUT: { item: string } }>({
    idempotent: true,
    errors: { SOLD_OUT: type<{ item: string }>() },
  }),
  release: call<Pick<Order, 'order'>, void>({ idempotent: true }),
});

/** Takes money. Whoever asks gives the charge a key. */
export const paymentApi = contract('payment', {
  charge: call<
    Pick<Order, 'order' | 'card'> & { amount: number },
    { receipt: string },
    { CARD_REFUSED: { card: string } }
  >({ errors: { CARD_REFUSED: type<{ card: string }>() } }),
});

/** Why there was no sale. */
export type Refusal = 'sold out' | 'card refused';

/** What happens in the shop. */
export type Happening =
  | { readonly what: 'viewed'; readonly item: string }
  | { readonly what: 'sold' | 'refused'; readonly order: number };

/** The only one that customers know. */
export const gatewayApi = contract('gateway', {
  order: call<Order, { receipt: string }, { REFUSED: { why: Refusal } }>({ timeoutMs: 60_000 }),
  /** What has happened and what happens, from the happening with this number on. */
  watch: stream<{ from: number }, Happening>(),
  viewed: event<{ item: string }>(),
});

/** Where a service is to be found. */
export const endpointOf = (folder: string, service: string): string =>
  `ipc://${folder}/${service}.socket`;
