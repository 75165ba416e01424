/**
 * Hello, the sending half: gives three greetings to whoever pulls.
 *
 *     node --conditions=@brokerless/source --import tsx examples/hello/push.ts [ENDPOINT]
 *
 * Start it before or after pull.ts; it waits for its peer, says its greetings and ends.
 */
import { Push } from 'brokerless';
import type { Greeting } from './pull.ts';

const endpoint = process.argv[2] ?? 'tcp://127.0.0.1:5555';

await using push = await Push.connect<Greeting>(endpoint);
await push.ready(); // What is still unsent a second after close() is lost, so wait for the peer first.

for (let number = 1; number <= 3; number += 1) {
  await push.send({ text: 'hello', number, at: new Date() });
}
