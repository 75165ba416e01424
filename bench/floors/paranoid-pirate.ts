/**
 * The floor of `paranoid-pirate`: knows READY, and passes over heartbeats.
 *
 *     [worker] [client] [number] [empty] [body]
 */
import { runBroker } from './broker.ts';

const READY = 0x01;

await runBroker({
  prefix: [],
  meaning: ([first, ...rest]) => {
    if (rest.length > 0) return 'reply';
    return first?.[0] === READY ? 'ready' : 'nothing';
  },
});
