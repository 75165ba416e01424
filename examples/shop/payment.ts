/**
 * Shop, the payment: charges cards, each order once. Started by main.ts, which kills it too.
 *
 *     payment.ts FOLDER
 *
 * While this process lives, the key of a charge is enough for that: another with the same key waits for the first and
 * has its answer. What was charged by a process that was killed stands in the ledger.
 */
import { setTimeout } from 'node:timers/promises';
import { serve } from 'brokerless/patterns/service';
import { endpointOf, paymentApi } from './contracts.ts';
import { Ledger } from './ledger.ts';
import { closeWithMain } from './services.ts';

/** Money that was taken. */
export interface Charge {
  /** For which order. */
  readonly order: number;
  /** How much. */
  readonly amount: number;
}

const [folder = '.'] = process.argv.slice(2);
const ledger = new Ledger<Charge>(`${folder}/payment.ledger`);

const server = await serve(
  paymentApi,
  {
    charge: async ({ order, card, amount }, context) => {
      const receipt = `receipt ${order}`;
      if (ledger.entries.has(order)) return { receipt };
      if (card === 'expired') throw context.failure('CARD_REFUSED', { card });
      ledger.write({ order, amount });
      await setTimeout(Math.random() * 40); // It is charged, and whoever asked does not know yet.
      return { receipt };
    },
  },
  { bind: endpointOf(folder, 'payment') },
);
closeWithMain(server);
