/**
 * A TCP port for a part that is to be bound later, or again: one that no wildcard bind is ever given.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

// Systems give ports from 32,768 or 49,152 up to whoever leaves the choice to them. Each of the processes that run
// tests side by side has some of those below.
const PORTS = 3000;
const LOWEST = 20_000 + PORTS * (Number(process.env['VITEST_POOL_ID'] ?? 1) % 4);

// Those that are free again as well: nobody gets one twice.
const given = new Set<number>();

/** An endpoint that is free now and that nobody else takes by chance. */
export async function reservedEndpoint(): Promise<string> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    given.add(port);
    const server = createServer();
    const isFree = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    server.close();
    await once(server, 'close');
    return `tcp://127.0.0.1:${port}`;
  }
}
