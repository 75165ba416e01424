/**
 * A crowd of workers in one process: raw DEALERs that say READY, beat every second, each at a time of its
 * own, and answer what they are asked.
 *
 *     crowd.ts QUEUE COUNT
 */
import * as zmq from 'zeromq';

const [queue = '', count = '0'] = process.argv.slice(2);
const [READY, BEAT] = [Buffer.of(1), Buffer.of(2)];
zmq.context.maxSockets = 4096;

/** One worker. One send at a time, as raw sockets want it. */
async function work(socket: zmq.Dealer, turn: number): Promise<void> {
  let last = socket.send(READY);
  const say = (message: Buffer | Buffer[]): void => {
    last = last.then(() => socket.send(message));
  };
  setTimeout(() => {
    say(BEAT);
    setInterval(() => say(BEAT), 1000);
  }, turn);
  for await (const frames of socket) if (frames.length > 1) say(frames);
}

for (let i = 0; i < Number(count); i += 1) {
  const socket = new zmq.Dealer({ linger: 0 });
  socket.connect(queue);
  void work(socket, (i * 1000) / Number(count));
}
process.once('disconnect', () => process.exit());
process.send?.(['begun']);
