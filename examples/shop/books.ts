/**
 * Shop, its books: whether what the ledgers say is what the customers were told.
 */
import { isDeepStrictEqual } from 'node:util';
import { PRICE } from './contracts.ts';
import type { Sales } from './customers.ts';
import { entriesIn, Ledger } from './ledger.ts';
import type { Charge } from './payment.ts';
import type { Reservation } from './stock.ts';

/** Prints the books of so many orders. Returns whether they balance. */
export function audit(folder: string, orders: number, { sold, refused }: Sales): boolean {
  const charges = entriesIn<Charge>(`${folder}/payment.ledger`);
  const money = charges.reduce((sum, { amount }) => sum + amount, 0);
  const { entries } = new Ledger<Reservation>(`${folder}/stock.ledger`);
  const kept = [...entries.values()].filter(({ isKept }) => isKept);

  const whys = Object.entries(refused).map(([why, count]) => `${count} ${why}`);
  console.log(`orders: ${orders} asked, ${sold.length} sold, ${whys.join(', ')}`);
  console.log(`payment: ${charges.length} charges, ${money} in all`);
  console.log(`stock: ${kept.length} set aside`);

  const ended = sold.length + refused['sold out'] + refused['card refused'];
  const isRight =
    ended === orders &&
    money === sold.length * PRICE &&
    isDeepStrictEqual(numbersOf(charges), sold.toSorted(byNumber)) && // Each of them once.
    isDeepStrictEqual(numbersOf(kept), sold.toSorted(byNumber));
  console.log(
    isRight ? 'the books balance: each order was charged once' : 'the books do not balance',
  );
  return isRight;
}

const byNumber = (a: number, b: number): number => a - b;

function numbersOf(entries: readonly { readonly order: number }[]): number[] {
  return entries.map(({ order }) => order).toSorted(byNumber);
}
