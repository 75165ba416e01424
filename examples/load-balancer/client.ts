/**
 * Load balancer, a client: asks for a hundred greetings, eight at a time, and tells who gave how many.
 *
 *     node --conditions=@brokerless/source --import tsx examples/load-balancer/client.ts [CLIENTS]
 *
 * It speaks as any REQ does. A request waits for a worker as long as its time lasts.
 */
import { isBrokerlessError, Request } from 'brokerless';

/** What a worker answers. */
interface Answer {
  readonly greeting: string;
  readonly worker: string;
}

const [endpoint = 'tcp://127.0.0.1:5557'] = process.argv.slice(2);

await using request = await Request.connect<string, Answer>(endpoint, { timeoutMs: 20_000 });

/** Who has greeted, or why nobody has: kill a worker to see that. */
async function greeterOf(guest: string): Promise<string> {
  try {
    return (await request.request(guest)).worker;
  } catch (error) {
    if (!isBrokerlessError(error)) throw error;
    return `nobody (${error.message})`;
  }
}

const tally = new Map<string, number>();
const guests = Array.from({ length: 100 }, (_, number) => `guest ${number}`).values();

async function askOn(): Promise<void> {
  for (const guest of guests) {
    const greeter = await greeterOf(guest);
    tally.set(greeter, (tally.get(greeter) ?? 0) + 1);
  }
}
await Promise.all(Array.from({ length: 8 }, askOn));
for (const [greeter, times] of tally) console.log(`greeted by ${greeter}: ${times}`);
