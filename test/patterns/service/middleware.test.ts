/**
 * Tests of middleware: functions that stand around every call, at the client and at the server.
 */
import {
  type ClientMiddleware,
  type ConnectOptions,
  call,
  contract,
  event,
  isFailure,
  type ServeOptions,
  type ServerMiddleware,
  stream,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejects } from '../../contracts/lifecycle.ts';
import { until } from '../../support/until.ts';
import { pair } from './running.ts';

const words = contract('words', {
  shout: call<string, string, { TOO_LONG: undefined }>({ input: z.string() }),
  letters: stream<string, string>(),
  noted: event<string>(),
});

/** Words, with middleware at both sides; what was noted. */
async function speaking(middleware: {
  readonly client?: ConnectOptions['use'];
  readonly server?: ServeOptions['use'];
}) {
  const notes: string[] = [];
  const handled: string[] = [];
  const handlers = {
    shout: (word: string) => {
      handled.push(word);
      return word.toUpperCase();
    },
    *letters(word: string) {
      handled.push(word);
      yield* word;
    },
    noted: (word: string) => void notes.push(word),
  };
  const connect = { use: middleware.client };
  const both = await pair(words, handlers, { connect, serve: { use: middleware.server } });
  return Object.assign(both, { notes, handled });
}

async function spelled(letters: AsyncIterable<string>): Promise<string> {
  let word = '';
  for await (const letter of letters) word += letter;
  return word;
}

describe('at both sides', () => {
  test('each stands around the next, the first outermost', async () => {
    const heard: string[] = [];
    const client =
      (name: string): ClientMiddleware =>
      async ({ method, kind, input, options }, next) => {
        heard.push(`${name} asks ${kind} ${method}`);
        const output = await next(`${String(input)}${name}`, options);
        heard.push(`${name} has ${String(output)}`);
        return `${String(output)}!`;
      };
    const server =
      (name: string): ServerMiddleware =>
      async ({ method, kind, input, context }, next) => {
        heard.push(`${name} takes ${kind} ${method} ${context.method}`);
        const output = await next(`${String(input)}${name}`);
        heard.push(`${name} gives ${String(output)}`);
        return `${String(output)}?`;
      };
    await using both = await speaking({
      client: [client('a'), client('b')],
      server: [server('c'), server('d')],
    });
    expect(await both.client.shout('x')).toBe('XABCD??!!');
    expect(heard).toEqual([
      'a asks call shout',
      'b asks call shout',
      'c takes call shout shout',
      'd takes call shout shout',
      'd gives XABCD',
      'c gives XABCD?',
      'b has XABCD??',
      'a has XABCD??!',
    ]);
  });

  test('may answer itself, and nobody further in is asked', async () => {
    await using both = await speaking({
      client: [({ input }, next) => (input === 'here' ? 'at the client' : next(input, {}))],
      server: [({ input }, next) => (input === 'there' ? 'at the server' : next(input))],
    });
    const { client, handled } = both;
    const asked: Promise<string> = client.shout('here');
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toBe('at the client');
    expect(client.stats().sent).toBe(0);
    expect(await client.shout('there')).toBe('at the server');
    expect(handled).toEqual([]);
    expect(await client.shout('x')).toBe('X');
  });

  test('may fail, as whoever it stands around', async () => {
    const broken = new Error('out of order');
    const fail = (): never => {
      throw broken;
    };
    await using here = await speaking({ client: [fail] });
    const asked = here.client.shout('x'); // It rejects, and does not throw.
    await expect(asked).rejects.toBe(broken);
    await using there = await speaking({ server: [fail] });
    const error = await rejects(there.client.shout('x'), 'HANDLER_FAILED');
    expect(error).toMatchObject({ message: 'out of order' });
    await there.client.noted('x');
    await until(() => there.server.stats().methods['noted']?.failed === 1);
    expect(there.notes).toEqual([]);
  });

  test('may mend what fails', async () => {
    const again: ClientMiddleware = async ({ input, options }, next) => {
      try {
        return await next(input, options);
      } catch {
        return next('again', options);
      }
    };
    const picky: ServerMiddleware = ({ input, context }, next) => {
      if (input === 'long') throw context.failure('TOO_LONG', undefined);
      return next(input);
    };
    await using both = await speaking({ client: [again], server: [picky] });
    expect(await both.client.shout('long')).toBe('AGAIN');
    await using plain = await speaking({ server: [picky] });
    const error = await rejects(plain.client.shout('long'), 'HANDLER_FAILED');
    expect(isFailure(error, words.methods.shout, 'TOO_LONG')).toBe(true);
  });

  test('sees events too', async () => {
    const doubled = (input: unknown): string => `${String(input)}${String(input)}`;
    await using both = await speaking({
      client: [({ input, options }, next) => next(doubled(input), options)],
      server: [({ input }, next) => next(doubled(input))],
    });
    await both.client.noted('x');
    await until(() => both.notes.length === 1);
    expect(both.notes).toEqual(['xxxx']);
  });
});

describe('at the client', () => {
  test('changes what is asked and what is said of it', async () => {
    const heard: unknown[] = [];
    await using both = await speaking({
      client: [
        ({ input, options }, next) => {
          heard.push(options);
          return next(input, { ...options, headers: { token: 'secret' } });
        },
      ],
      server: [
        ({ input, context }, next) => {
          heard.push(context.headers, context.remainingMs <= 2000);
          return next(input);
        },
      ],
    });
    expect(await both.client.shout('x')).toBe('X');
    expect(await both.client.shout('x', { timeoutMs: 2000 })).toBe('X');
    const { token } = { token: 'secret' };
    expect(heard).toEqual([{}, { token }, false, { timeoutMs: 2000 }, { token }, true]);
  });

  test('gives what the schema of the input checks', async () => {
    await using both = await speaking({ client: [({ options }, next) => next(5, options)] });
    await rejects(both.client.shout('x'), 'BAD_VALUE');
    await using same = await speaking({ server: [(_call, next) => next('from within')] });
    await rejects(same.client.shout(5 as never), 'BAD_VALUE');
    expect(await same.client.shout('x')).toBe('FROM WITHIN');
  });
});

describe('around streams', () => {
  const marked = async function* (letters: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const letter of letters) yield `${letter}.`;
  };

  test('it may change each value, at either side', async () => {
    await using both = await speaking({
      client: [({ input, options }, next) => marked(next(input, options) as AsyncIterable<string>)],
      server: [({ input }, next) => marked(next(`${String(input)}s`) as AsyncIterable<string>)],
    });
    expect(await spelled(both.client.letters('word'))).toBe('w..o..r..d..s..');
  });

  test('it may take its time before the stream begins, at either side', async () => {
    await using both = await speaking({
      client: [async ({ input, options }, next) => next(input, options)],
      server: [async ({ input }, next) => next(input)],
    });
    expect(await spelled(both.client.letters('word'))).toBe('word');
    expect(await both.client.shout('word')).toBe('WORD');
    for await (const letter of both.client.letters('word')) if (letter === 'o') break;
    await until(() => both.server.stats().inFlight === 0);
    expect(both.client.stats()).toMatchObject({ inFlight: 0 });
  });

  test('it may refuse them, at either side', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('not you');
    };
    await using here = await speaking({ client: [refuse] });
    await expect(here.client.letters('word').next()).rejects.toThrow('not you');
    await using there = await speaking({ server: [refuse] });
    const error = await rejects(spelled(there.client.letters('word')), 'HANDLER_FAILED');
    expect(error).toMatchObject({ message: 'not you' });
  });

  test('it may give others', async () => {
    await using both = await speaking({ server: [() => ['a', 'b']] });
    expect(await spelled(both.client.letters('word'))).toBe('ab');
    await using here = await speaking({ client: [async () => ['c', 'd']] });
    expect(await spelled(here.client.letters('word'))).toBe('cd');
  });
});
