/**
 * Several servers: one client asks three of them, one is killed in the middle, and every job has an end.
 *
 *     node --conditions=@brokerless/source --import tsx examples/several-servers/main.ts
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { isBrokerlessError, Request } from 'brokerless';
import type { Job } from './server.ts';

const SERVERS = 3;
const JOBS = 300;

const servers = Array.from({ length: SERVERS }, () => fork(new URL('server.ts', import.meta.url)));
const endpoints = await Promise.all(servers.map((server) => once(server, 'message')));

// Each job that may be repeated is allowed one retry on average, and all of them together no more.
await using request = new Request<Job, number>({
  timeoutMs: 3000,
  retryBudget: { ratio: 1, max: JOBS },
});
const connected = new Promise<void>((resolve) => {
  let handshakes = 0;
  request.on('handshake', () => ++handshakes === SERVERS && resolve());
});
for (const [endpoint] of endpoints) await request.connect(String(endpoint));
await connected;

const victim = servers[1];
const answered = { lookup: 0, payment: 0 };
const failed = { lookup: 0, payment: 0 };
const reasons = new Set<string>();

async function run(job: Job): Promise<void> {
  try {
    const pid = await request.request(job, { retries: job.kind === 'lookup' ? 5 : 0 });
    answered[job.kind] += 1;
    if (pid === victim?.pid && !victim.killed) victim.kill('SIGKILL'); // It has many more to do.
  } catch (error) {
    if (!isBrokerlessError(error)) throw error;
    failed[job.kind] += 1;
    reasons.add(`${error.code}, may have run: ${error.mayHaveRun}`);
  }
}

console.log(`${SERVERS} servers, ${JOBS} jobs; one server will be killed in the middle`);
const jobs = Array.from({ length: JOBS }, (_, number): Job => {
  return { kind: number % 2 === 0 ? 'lookup' : 'payment', number };
});
await Promise.all(jobs.map(run));

for (const kind of ['lookup', 'payment'] as const) {
  console.log(`${kind}s: ${answered[kind]} answered, ${failed[kind]} failed`);
}
for (const reason of reasons) console.log(`failed with ${reason}`);
console.log(`asked again ${request.stats().retried} times`);
for (const server of servers) if (server.connected) server.disconnect();
