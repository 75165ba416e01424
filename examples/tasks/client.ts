/**
 * Tasks, a client: has tasks done, and waits for what comes of them.
 *
 *     node --conditions=@brokerless/source --import tsx examples/tasks/client.ts [CLIENTS]
 *
 * In place of this, by Celery:
 *
 *     result = add.delay(4, 4)
 *     print(result.get(timeout=60))
 *     print(AsyncResult(result.id).state)
 *     print(add.apply_async((1, 2), countdown=0.1, priority=9).get())
 *     print(chain(add.s(2, 2), add.s(8))().get())
 *     print(chord([add.s(n, n) for n in range(10)])(total.s()).get())
 *     print(fetch.delay('https://example.org/').get())
 *     try: fetch.delay('nowhere').get()
 *     except Exception as error: print(error)
 *
 * or, for its first two lines, `queue.enqueue(add, 4, 4)` and `job.return_value()` by RQ.
 */
import { chain, chord, connectTasks, isTaskError } from 'brokerless/patterns/tasks';
import { app } from './app.ts';

const [queue = 'tcp://127.0.0.1:5557'] = process.argv.slice(2);

const client = await connectTasks(app, { queue });

const result = await app.add.delay(4, 4);
console.log(await result.get({ timeoutMs: 60_000 }));
console.log(await app.add.result(result.id).status()); // The id is all that another process needs.

const later = await app.add.with({ delayMs: 100, priority: 9 }).delay(1, 2);
console.log(await later.get());

console.log(await chain([app.add.s(2, 2), app.add.after(8)]));

const doubles = Array.from({ length: 10 }, (_, n) => app.add.s(n, n));
console.log(await chord(doubles, app.total.after()));

const page = await app.fetch.delay('https://example.org/');
console.log(await page.get());

const nowhere = await app.fetch.delay('nowhere');
await nowhere.get().catch((error) => {
  if (!isTaskError(error, 'DISCARDED')) throw error;
  console.log(`${error.task} ${error.status}: ${error.message}`);
});
await client.close();
