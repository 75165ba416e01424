/**
 * A server process that says where it is bound, what it holds and lets go of, and its numbers when asked for them. It
 * closes when it is told to end, or has lost its parent.
 *
 *     server.ts OPTIONS
 */
import { isBrokerlessError } from 'brokerless';
import {
  type CallContext,
  closeOnSignal,
  type ServeOptions,
  serve,
} from 'brokerless/patterns/service';
import { type Errand, errands } from './errands.ts';

const say = (...words: readonly unknown[]): void => void process.send?.(words);

function errand({ n, ms }: Errand): number | Promise<number> {
  return ms === 0 ? n : new Promise((resolve) => setTimeout(() => resolve(n), ms));
}

function hold(name: string, { signal }: CallContext<unknown>): Promise<never> {
  say('held', name);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      const reason: unknown = signal.reason;
      say('aborted', name, isBrokerlessError(reason) ? reason.code : String(reason));
      reject(reason);
    });
  });
}

async function* count(): AsyncGenerator<number> {
  try {
    for (let n = 0; ; n += 1) yield n;
  } finally {
    say('left');
  }
}

const server = await serve(
  errands,
  {
    who: () => process.pid,
    read: errand,
    write: errand,
    hold,
    block: (ms) => {
      say('blocked');
      const end = performance.now() + ms;
      while (performance.now() < end);
      return ms;
    },
    count,
    noted: (text) => say('noted', text),
  },
  {
    bind: 'tcp://127.0.0.1:*',
    ...(JSON.parse(process.argv[2] ?? '{}') as Partial<ServeOptions>),
  },
);
closeOnSignal(server, { signals: ['SIGTERM'] });
server.on('client:lost', ({ reason }) => say('lost', reason));
process.on('message', (word) => {
  if (word === 'stats') say('stats', server.stats());
});
// What tells the parent must not keep the process alive when the server is closed.
process.channel?.unref();
process.once('disconnect', () => process.exit(1));
say('bound', server.endpoint);
