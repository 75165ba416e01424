/**
 * Shop, the gateway: takes orders, and has the stock and the payment do their parts. Started by main.ts.
 *
 *     gateway.ts FOLDER
 *
 * In moleculer this is a service that calls others with `ctx.call`, and a NATS server in between. `within: context`
 * hands on what is left of the customer's time, and the word that the customer has gone.
 */
import { connectTo, isFailure, serve } from 'brokerless/patterns/service';
import { endpointOf, gatewayApi, PRICE, paymentApi, type Refusal, stockApi } from './contracts.ts';
import { Log } from './log.ts';
import { closeWithMain } from './services.ts';

const [folder = '.'] = process.argv.slice(2);
const timeoutMs = 60_000; // Long enough for one that is killed to be started again.
const stock = await connectTo(stockApi, { to: endpointOf(folder, 'stock'), timeoutMs });
const payment = await connectTo(paymentApi, { to: endpointOf(folder, 'payment'), timeoutMs });
const log = new Log();

function refusalOf(error: unknown): Refusal | undefined {
  if (isFailure(error, stockApi.methods.reserve, 'SOLD_OUT')) return 'sold out';
  if (isFailure(error, paymentApi.methods.charge, 'CARD_REFUSED')) return 'card refused';
  return undefined;
}

const server = await serve(
  gatewayApi,
  {
    async order({ order, item, card }, context) {
      try {
        await stock.reserve({ order, item }, { within: context });
        const charge = { order, card, amount: PRICE };
        const paid = await payment.charge(charge, { within: context, key: `order ${order}` });
        log.add({ what: 'sold', order });
        return paid;
      } catch (error) {
        const why = refusalOf(error);
        if (why === undefined) throw error; // It may have been paid: what is set aside stays so.
        await stock.release({ order }, { within: context });
        log.add({ what: 'refused', order });
        throw context.failure('REFUSED', { why });
      }
    },
    watch: ({ from }, { signal }) => log.follow(from, signal),
    viewed: ({ item }) => log.add({ what: 'viewed', item }),
  },
  { bind: endpointOf(folder, 'gateway') },
);

async function close(): Promise<void> {
  await server.close();
  console.log(`asked again: stock ${stock.stats().retried}, payment ${payment.stats().retried}`);
  await Promise.all([stock.close(), payment.close()]);
}
closeWithMain({ close });
