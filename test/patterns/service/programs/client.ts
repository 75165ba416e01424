/**
 * A client process that holds so many calls and one stream of a server, and says when they are under way, and its
 * numbers when it is asked for them.
 *
 *     client.ts SERVER CALLS
 */
import { connectTo } from 'brokerless/patterns/service';
import { errands } from './errands.ts';

const [to = '', calls = '1'] = process.argv.slice(2);
const say = (...words: readonly unknown[]): void => void process.send?.(words);

const client = await connectTo(errands, { to, reconnectMs: 20 });
client.on('server:up', () => say('up'));
client.on('server:down', ({ reason }) => say('down', reason));
for (let n = 0; n < Number(calls); n += 1) {
  const name = `call ${n}`;
  client
    .hold(name, { timeoutMs: 600_000 })
    .catch(({ code }: { code: string }) => say('ended', code));
}
await client.count().next();
say('asked');
process.on('message', (word) => {
  if (word === 'stats') say('stats', client.stats());
  if (word === 'who')
    void client.who(undefined, { timeoutMs: 60_000 }).then((pid) => say('who', pid));
});
process.once('disconnect', () => process.exit(1));
