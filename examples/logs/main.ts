/**
 * Logs: ten processes ship their lines to one that writes them all, and is killed while it does.
 *
 *     node --conditions=@brokerless/source --import tsx examples/logs/main.ts FILE [LINES]
 *
 * In Python this is `logging.handlers`, and hope. Nothing is lost that was shipped, whichever shipper or aggregator
 * is killed. This process, the hub, must live: what it has accepted and not passed on is in its memory.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { startCrew, startWorkQueue } from 'brokerless/patterns/work-queue';
import type { Line } from './shipper.ts';

const [path = 'all.log', lines = '1000'] = process.argv.slice(2);
const SHIPPERS = 10;
const KILLS = 3;

const local = 'tcp://127.0.0.1:*';
// A line is never given up, however many aggregators were killed with it in hand.
const hub = await startWorkQueue({ producers: local, workers: local, maxAttempts: 60_000 });
const file = new URL('aggregator.ts', import.meta.url);
const crew = startCrew({ file, count: 1, args: [hub.workers, path] });

const shipped = new Map<string, number>();
async function run(name: string): Promise<void> {
  const shipper = fork(new URL('shipper.ts', import.meta.url), [hub.producers, name, lines]);
  shipper.on('message', (count: number) => shipped.set(name, count));
  await once(shipper, 'exit');
}
const names = Array.from({ length: SHIPPERS }, (_, number) => `program ${number}`);
let isShipping = true;
const all = Promise.all(names.map(run)).then(() => {
  isShipping = false;
});

for (let kills = 0; isShipping || hub.stats().done < hub.stats().accepted; await setTimeout(5)) {
  const isTime = hub.stats().done > ((kills + 1) * SHIPPERS * Number(lines)) / (KILLS + 2);
  const [pid] = crew.pids;
  if (kills === KILLS || !isTime || pid === undefined) continue;
  process.kill(pid, 'SIGKILL');
  kills += 1;
  console.log(`the aggregator is killed after ${hub.stats().done} lines`);
}
await Promise.all([all, crew.stop()]);

const found = readFileSync(path, 'utf8').trim().split('\n');
const distinct = new Set(
  found.map((line) => `${(JSON.parse(line) as Line).name} ${(JSON.parse(line) as Line).number}`),
);
const sum = [...shipped.values()].reduce((total, count) => total + count, 0);
console.log(`shipped ${sum}, written ${found.length}, different ${distinct.size}`);
await hub.close();
