/**
 * Begins and closes clients and servers, some of which cannot begin, and ends by itself if nothing of them is left.
 */
import { isBrokerlessError } from 'brokerless';
import { call, connectTo, contract, serve, stream } from 'brokerless/patterns/service';

const math = contract('math', {
  double: call<number, number>(),
  hold: call<number, never>(),
  count: stream<void, number>(),
});
const other = contract('math', { halve: call<number, number>() });
const bind = 'tcp://127.0.0.1:*';

const codeOf = async (action: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isBrokerlessError(error) ? error.code : String(error);
};

const server = await serve(
  math,
  {
    double: (n) => 2 * n,
    hold: (_n, { signal }) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    async *count() {
      for (let n = 1; ; n += 1) yield n;
    },
  },
  { bind },
);
const to = server.endpoint;
const codes = [
  await codeOf(
    serve(math, {} as never, { bind: to }).catch(() =>
      serve(other, { halve: Number }, { bind: to }),
    ),
  ),
  await codeOf(connectTo(other, { to, connectMs: 60_000 })),
];
const client = await connectTo(math, { to });
codes.push(await codeOf(client.hold(1, { timeoutMs: 20 })));
const answer = await client.double(4);
const read: number[] = [];
for await (const n of client.count()) if (read.push(n) === 2) break;
void client.hold(2).catch(() => {});
await Promise.all([client.close(), server.close()]);
console.log(JSON.stringify([...codes, answer, read, 'done']));
