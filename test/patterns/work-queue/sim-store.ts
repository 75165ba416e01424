/**
 * A store that keeps nothing, as a port of the simulated world: the memory of a process.
 */
import type { SimNode, SimPort } from '../../../src/testing/index.ts';

interface Reader {
  readable(): void;
}

/** Answers to every batch that it is stored, a moment later. */
export function memoryPort(node: SimNode): SimPort {
  let heard = 0;
  const port = {
    depth: 0,
    reader: undefined as Reader | undefined,
    get hasMessage() {
      return heard > 0;
    },
    take() {
      if (heard === 0) return undefined;
      heard -= 1;
      return { kind: 'message', value: { kind: 'stored' } };
    },
    send() {
      node.after(0, () => {
        heard += 1;
        port.reader?.readable();
      });
      return true;
    },
    read() {},
    close() {},
  };
  return port;
}
