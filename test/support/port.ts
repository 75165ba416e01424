/**
 * A TCP port for a part that is to be bound later, or again: one that no wildcard bind is ever given.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

// Systems give ports from 32,768 or 49,152 up to whoever leaves the choice to them.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** An endpoint that is free now and that nobody else takes by chance. */
export async function reservedEndpoint(): Promise<string> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
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
