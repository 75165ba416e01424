/**
 * Request and reply, the answering half: greets whoever asks, and refuses to greet nobody.
 *
 *     node --conditions=@brokerless/source --import tsx examples/request-reply/server.ts [ENDPOINT]
 *
 * Answers until it is stopped, with Ctrl+C or SIGTERM. What is being answered then still is.
 */
import { Reply } from 'brokerless';

/** What is asked; the answer is a string. */
export interface Question {
  /** Who wants to be greeted. */
  readonly name: string;
}

/** An error as the caller is to see it: its message, its code and its data travel. */
class NoName extends Error {
  readonly code = 'NO_NAME';
  readonly data = { try: 'Ada' };
}

const endpoint = process.argv[2] ?? 'tcp://127.0.0.1:5556';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());

await using reply = await Reply.bind<Question, string>(endpoint);
console.log(`answering at ${reply.endpoint}`);

await reply.serve(
  ({ name }) => {
    if (name === '') throw new NoName('nobody to greet');
    return `hello, ${name}`;
  },
  { signal: stop.signal },
);
console.log(`answered ${reply.stats().sent} requests`);
