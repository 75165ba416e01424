/**
 * Two servers and a client in one process, with calls, a stream that is left and an event, which ends by itself once
 * all are closed.
 */
import {
  call,
  closeOnSignal,
  connectTo,
  contract,
  event,
  serve,
  stream,
} from 'brokerless/patterns/service';

const sums = contract('sums', {
  double: call<number, number>({ idempotent: true }),
  count: stream<number, number>(),
  noted: event<string>(),
});
const start = (bind: string): ReturnType<typeof serve> =>
  serve(
    sums,
    {
      double: (x) => 2 * x,
      *count(from) {
        for (let n = from; ; n += 1) yield n;
      },
      noted: () => {},
    },
    { bind },
  );

const servers = await Promise.all(['tcp://127.0.0.1:*', 'ipc://*'].map(start));
const forget = servers.map((server) => closeOnSignal(server));
const client = await connectTo(sums, { to: servers.map(({ endpoint }) => endpoint) });
const answers = await Promise.all([1, 2, 3, 4].map((x) => client.double(x, { key: `${x}` })));
for await (const n of client.count(9)) {
  answers.push(n);
  break;
}
await client.noted('all is well');
await client.close();
await Promise.all(servers.map((server) => server.close()));
for (const each of forget) each();
console.log(answers.join(' '));
