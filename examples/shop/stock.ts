/**
 * Shop, the stock: sets things aside for orders, and puts them back. Started by main.ts, which kills it too.
 *
 *     stock.ts FOLDER
 *
 * A gateway that lost it in the middle of a call asks again when it is back, and cannot know whether the call had been
 * carried out. So what is set aside stands in a ledger under the number of its order, and is never set aside twice.
 */
import { setTimeout } from 'node:timers/promises';
import { serve } from 'brokerless/patterns/service';
import { endpointOf, stockApi } from './contracts.ts';
import { Ledger } from './ledger.ts';
import { closeWithMain } from './services.ts';

/** What is or was set aside for an order. */
export interface Reservation {
  /** Its number. */
  readonly order: number;
  /** What it is. */
  readonly item: string;
  /** Whether it has not been put back. */
  readonly isKept: boolean;
}

const SUPPLY = 80; // Of each item.
const [folder = '.'] = process.argv.slice(2);
const ledger = new Ledger<Reservation>(`${folder}/stock.ledger`);

const server = await serve(
  stockApi,
  {
    reserve: async ({ order, item }, context) => {
      if (ledger.entries.has(order)) return;
      const all = [...ledger.entries.values()];
      const kept = all.filter((each) => each.item === item && each.isKept).length;
      if (kept >= SUPPLY) throw context.failure('SOLD_OUT', { item });
      ledger.write({ order, item, isKept: true });
      await setTimeout(Math.random() * 10); // The way to the shelf and back.
    },
    release: ({ order }) => {
      const entry = ledger.entries.get(order);
      if (entry?.isKept === true) ledger.write({ ...entry, isKept: false });
    },
  },
  { bind: endpointOf(folder, 'stock') },
);
closeWithMain(server);
