/**
 * The floor of `load-balancer`: knows READY, and nothing else that is no reply.
 *
 *     [worker] [empty] [client] [number] [empty] [body]
 */
import { runBroker } from './broker.ts';

await runBroker({
  prefix: [Buffer.alloc(0)],
  meaning: (frames) => (frames.length === 1 ? 'ready' : 'reply'),
});
