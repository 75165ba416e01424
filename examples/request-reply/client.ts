/**
 * Request and reply, the asking half: asks for three greetings at once, one of which there cannot be.
 *
 *     node --conditions=@brokerless/source --import tsx examples/request-reply/client.ts [ENDPOINT]
 *
 * Start it before or after server.ts; a request waits for a server as long as its time lasts.
 */
import { isBrokerlessError, Request } from 'brokerless';
import type { Question } from './server.ts';

const endpoint = process.argv[2] ?? 'tcp://127.0.0.1:5556';

await using request = await Request.connect<Question, string>(endpoint, { timeoutMs: 10_000 });

/** The answer, or what the server or the way to it had against it. */
async function greet(name: string): Promise<string> {
  try {
    return await request.request({ name });
  } catch (error) {
    if (isBrokerlessError(error, 'HANDLER_FAILED')) {
      return `the server says: ${error.message} ${JSON.stringify(error.data)}`;
    }
    if (isBrokerlessError(error)) {
      return `no answer: ${error.message} (${error.code}); has it run? ${error.mayHaveRun}`;
    }
    throw error;
  }
}

const answers = await Promise.all(['Ada', '', 'Grace'].map(greet));
for (const answer of answers) console.log(answer);
