/**
 * Hello, the receiving half: prints three greetings from whoever pushes, and ends.
 *
 *     node --conditions=@brokerless/source --import tsx examples/hello/pull.ts [ENDPOINT]
 */
import { Pull } from 'brokerless';

/** What the two processes say to each other. */
export interface Greeting {
  /** The greeting itself. */
  readonly text: string;
  /** Which greeting it is, from 1. */
  readonly number: number;
  /** When it was said. */
  readonly at: Date;
}

const endpoint = process.argv[2] ?? 'tcp://127.0.0.1:5555';

await using pull = await Pull.bind<Greeting>(endpoint);

for await (const { text, number, at } of pull) {
  console.log(`${text} number ${number}, said at ${at.toISOString()}`);
  if (number === 3) break;
}
