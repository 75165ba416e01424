/**
 * Shop: three services and their customers. The stock is killed in the middle, then the payment; the books balance.
 *
 *     node --conditions=@brokerless/source --import tsx examples/shop/main.ts [--orders N]
 *
 * In place of three microservices with NATS or RabbitMQ between them. Customers notice nothing but a short wait.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectTo } from 'brokerless/patterns/service';
import { audit } from './books.ts';
import { endpointOf, gatewayApi } from './contracts.ts';
import { orderAll } from './customers.ts';
import { type Name, Services } from './services.ts';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '300' } } });
const orders = Number(values.orders);
if (!(orders > 0)) throw new RangeError(`--orders ${values.orders}: there have to be some`);

const folder = mkdtempSync(join(tmpdir(), 'shop-'));
const services = new Services(folder);
console.log(`${orders} orders, with ledgers in ${folder}`);
const to = endpointOf(folder, 'gateway');
const shop = await connectTo(gatewayApi, { to, connectMs: 60_000 }); // Until it opens.

/** Sees what happens to orders, and kills a service after a third of them, and another after two thirds. */
async function watch(): Promise<string> {
  const victims = new Map<number, Name>([
    [Math.ceil(orders / 3), 'stock'],
    [Math.ceil((2 * orders) / 3), 'payment'],
  ]);
  const seen = { viewed: 0, sold: 0, refused: 0 };
  for await (const { what } of shop.watch({ from: 0 })) {
    seen[what] += 1;
    const ended = seen.sold + seen.refused;
    const victim = what === 'viewed' ? undefined : victims.get(ended);
    if (victim !== undefined) {
      await services.crash(victim);
      console.log(`after ${ended} orders the ${victim} was killed, and started again`);
    }
    if (ended === orders) break;
  }
  return `watched: ${seen.viewed} views, ${seen.sold} sold, ${seen.refused} refused`;
}

const [watched, sales] = await Promise.all([watch(), orderAll(shop, orders)]);
console.log(watched);
await shop.close();
await services.stop();
process.exitCode = audit(folder, orders, sales) ? 0 : 1;
rmSync(folder, { recursive: true });
