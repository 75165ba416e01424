/**
 * Chat, the server: a room, and whoever listens is in it.
 *
 *     node --conditions=@brokerless/source --import tsx examples/chat/server.ts [ENDPOINT]
 *
 * In place of socket.io with its rooms, or of Redis and its channels. Ends with Ctrl+C or SIGTERM; started again,
 * it finds its clients back.
 */
import { EventEmitter, on } from 'node:events';
import { parseArgs } from 'node:util';
import { closeOnSignal, serve } from 'brokerless/patterns/service';
import { type Happening, room } from './contract.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [bind = 'tcp://127.0.0.1:5559'] = positionals;

const news = new EventEmitter().setMaxListeners(0);
const tell = (happening: Happening): boolean => news.emit('happening', happening);
const present = new Set<{ readonly name: string }>();

const server = await serve(
  room,
  {
    say: ({ name, text }) => void tell({ what: 'said', name, text }),

    async *listen(listener, { signal }) {
      // It keeps what a slow listener has not taken yet; a room for many would have to set a limit.
      const happenings = on(news, 'happening', { signal, close: ['closed'] });
      present.add(listener);
      tell({ what: 'joined', name: listener.name });
      try {
        for await (const [happening] of happenings) yield happening;
      } finally {
        present.delete(listener); // It has left, or its process was killed, or the room is closed.
        tell({ what: 'left', name: listener.name });
      }
    },

    who: () => [...present].map(({ name }) => name),
  },
  { bind },
);
console.log(`the room is at ${server.endpoint}`);

closeOnSignal({
  close() {
    news.emit('closed'); // Else it would wait for those who listen.
    return server.close();
  },
});
