/**
 * Chat, a client: says what is typed, and shows what happens in the room.
 *
 *     node --conditions=@brokerless/source --import tsx examples/chat/client.ts [--name NAME] [ENDPOINT]
 *
 * Start as many as you like, each in a terminal of its own, before or after server.ts. `/who` asks who is there, and
 * Ctrl+D leaves. When the server is killed or started anew, it waits for it and joins again.
 */
import { parseArgs } from 'node:util';
import { isBrokerlessError } from 'brokerless';
import { connectTo } from 'brokerless/patterns/service';
import { type Happening, room } from './contract.ts';
import { Terminal } from './terminal.ts';

const { values, positionals } = parseArgs({
  options: { name: { type: 'string', default: `guest ${process.pid}` } },
  allowPositionals: true,
});
const { name } = values;
const [to = 'tcp://127.0.0.1:5559'] = positionals;

console.log(`you are ${name}; the room is at ${to}`);
const chat = await connectTo(room, { to });
const terminal = new Terminal();

/** Shows what happens in the room, and in the one that comes after it. */
async function listen(): Promise<void> {
  for (;;) {
    try {
      for await (const happening of chat.listen({ name })) terminal.show(lineOf(happening));
    } catch (error) {
      if (isBrokerlessError(error, 'CLOSED')) return; // By ourselves.
      if (!isBrokerlessError(error, 'UNREACHABLE')) throw error;
    }
    terminal.show('the room is gone; waiting for it');
  }
}

function lineOf(happening: Happening): string {
  const { what, name: who } = happening;
  return what === 'said' ? `${who}: ${happening.text}` : `${who} has ${what}`;
}

async function obey(line: string): Promise<void> {
  if (line === '/who') terminal.show(`here: ${(await chat.who()).join(', ')}`);
  else if (line !== '') await chat.say({ name, text: line });
}

const listening = listen();
for await (const line of terminal.lines()) {
  await obey(line).catch((error: Error) => terminal.show(`not said: ${line} (${error.message})`));
}
await chat.close();
await listening;
