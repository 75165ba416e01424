/**
 * Shop, its customers: several at a time, who look at something and order it, until all orders are through.
 */
import { type Client, isFailure } from 'brokerless/patterns/service';
import { gatewayApi, type Refusal } from './contracts.ts';

/** What became of orders. */
export interface Sales {
  /** The numbers of those that were carried out. */
  readonly sold: readonly number[];
  /** How many were not, by the reason why. */
  readonly refused: Readonly<Record<Refusal, number>>;
}

const ITEMS = ['teapot', 'cup', 'spoon'];
const CUSTOMERS = 8;

/** Orders so many things, one in ten with a card that is no good any more. */
export async function orderAll(
  shop: Client<typeof gatewayApi.methods>,
  orders: number,
): Promise<Sales> {
  const sold: number[] = [];
  const refused = { 'sold out': 0, 'card refused': 0 };

  const numbers = Array.from({ length: orders }, (_, i) => i + 1).values();
  async function buy(): Promise<void> {
    for (const order of numbers) {
      const item = ITEMS[order % ITEMS.length] as string;
      await shop.viewed({ item });
      try {
        await shop.order({ order, item, card: order % 10 === 0 ? 'expired' : 'good' });
        sold.push(order);
      } catch (error) {
        if (!isFailure(error, gatewayApi.methods.order, 'REFUSED')) throw error;
        refused[error.data.data.why] += 1;
      }
    }
  }
  await Promise.all(Array.from({ length: CUSTOMERS }, buy)); // Each takes the next number there is.
  return { sold, refused };
}
