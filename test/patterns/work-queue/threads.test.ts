/**
 * Tests of handlers in threads: what they are given, what comes back, and what becomes of threads that are
 * stopped, that crash, or that never begin.
 */
import { pathToFileURL } from 'node:url';
import { isBrokerlessError } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { temporaryFolder } from '../../support/consumer.ts';
import { until } from '../../support/until.ts';
import {
  failure,
  flag,
  HANDLER,
  LOADER,
  LONG,
  moduleIn,
  PATIENT,
  startThreads,
  threadsOf,
} from './threading.ts';

describe('a handler in a thread', PATIENT, () => {
  test('is given item, attempt, id and a signal, and its result comes back', async () => {
    await using threads = await threadsOf();
    const item = { text: 'a', bytes: Uint8Array.of(1, 2), when: new Date(5), big: 2n ** 70n };
    expect(await threads.do('echo', item)).toEqual(item);
    expect(await threads.run({ how: 'context' }, { attempt: 3, id: 'e-7' })).toEqual({
      attempt: 3,
      id: 'e-7',
      aborted: false,
    });
    expect(await threads.do('where')).not.toBe(0);
  });

  test('works on as many items at once as there are threads', async () => {
    await using threads = await threadsOf(HANDLER, { threads: 2 });
    const [one, other] = [flag(), flag()];
    const stop = new AbortController();
    const both = [one, other].map(({ cell }) => failure(threads.do('loop', cell, stop.signal)));
    expect(new Set([await one.set(), await other.set()]).size, 'two threads').toBe(2);
    stop.abort('enough');
    expect(await Promise.all(both)).toEqual(['enough', 'enough']);
  });

  test('may be written in TypeScript where a loader is', async () => {
    const source = 'export default (item: number): number => item + 1;';
    await using threads = await threadsOf(source, { execArgv: LOADER }, 'handler.mts');
    expect(await threads.run(41, { attempt: 1, id: 'one' })).toBe(42);
  });

  test('may be a CommonJS module', async () => {
    const source = 'module.exports = (item) => item + 1;';
    await using threads = await threadsOf(source, {}, 'handler.cjs');
    expect(await threads.run(41, { attempt: 1, id: 'one' })).toBe(42);
  });
});

describe('what a handler throws', PATIENT, () => {
  test('arrives with its name, message, code and data', async () => {
    await using threads = await threadsOf();
    const thrown = { name: 'RangeError', message: 'too far', code: 'FAR', data: { by: [1] } };
    const error = await failure(threads.do('fail', thrown));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject(thrown);
    expect(String(error)).toBe('RangeError: too far');
  });

  test('is known as a Discard by its name', async () => {
    await using threads = await threadsOf();
    const error = await failure(threads.do('discard', 'no such page'));
    expect(error).toMatchObject({ name: 'Discard', message: 'no such page' });
  });

  test('arrives without data that cannot be copied, and as an error if it was text', async () => {
    await using threads = await threadsOf();
    const odd = await failure(threads.do('failOddly'));
    expect(odd).toMatchObject({ message: 'odd', code: 'ODD' });
    expect(odd).not.toHaveProperty('data');
    expect(await failure(threads.do('throwText'))).toEqual(new Error('just text'));
  });
});

describe('a signal', PATIENT, () => {
  test.each(['loop', 'wait'])('ends a thread in a %s, and another works on', async (how) => {
    await using threads = await threadsOf();
    const begun = flag();
    const stop = new AbortController();
    const asked = failure(threads.do(how, begun.cell, stop.signal));
    const before = await begun.set();
    const reason = new Error('not wanted any more');
    stop.abort(reason);
    expect(await asked).toBe(reason);
    expect(await threads.do('where')).not.toBe(before);
    expect(threads.size).toBe(1);
  });

  test('that has fired lets nothing begin', async () => {
    await using threads = await threadsOf();
    const reason = new Error('too late');
    expect(await failure(threads.do('exit', 0, AbortSignal.abort(reason)))).toBe(reason);
  });

  test('takes an item out that still waits for a thread, and leaves the thread alone', async () => {
    await using threads = await threadsOf();
    const [begun, stop, stopWaiting] = [flag(), new AbortController(), new AbortController()];
    const working = failure(threads.do('loop', begun.cell, stop.signal));
    const thread = await begun.set();
    const waiting = failure(threads.do('echo', 1, stopWaiting.signal));
    const next = threads.do('where');
    stopWaiting.abort('not me');
    expect(await waiting).toBe('not me');
    stop.abort('enough');
    expect(await working).toBe('enough');
    expect(await next).not.toBe(thread);
  });
});

describe('a thread that ends', PATIENT, () => {
  const cases = [
    { by: 'process.exit', how: 'exit', what: 3, says: 'exited with code: 3' },
    { by: 'an error that nobody caught', how: 'crash', what: undefined, says: 'out of the blue' },
    { by: 'want of memory', how: 'hoard', what: undefined, says: 'memory limit' },
  ];

  test.each(cases)('by $by fails its item and is replaced', async ({ how, what, says }) => {
    await using threads = await threadsOf(HANDLER, { maxHeapMb: 32 });
    const before = await threads.do('where');
    const error = await failure(threads.do(how, what));
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', mayHaveRun: 'maybe' });
    expect(String(error)).toContain(threads.file.href);
    expect(String(error)).toContain(says);
    expect(await threads.do('where')).not.toBe(before);
    expect(threads.size).toBe(1);
  });

  test('with nothing in hand is told of and replaced', async () => {
    const heard: unknown[] = [];
    await using threads = await threadsOf(HANDLER, { onError: (error) => heard.push(error) });
    const before = await threads.do('where');
    await threads.do('crashLater');
    await until(() => heard.length === 1, LONG);
    expect(String(heard[0])).toContain('out of the blue');
    expect(await threads.do('where')).not.toBe(before);
  });

  test('leaves nobody waiting, however many end and are stopped', async () => {
    await using threads = await threadsOf(HANDLER, { threads: 2 });
    const outcomes = await Promise.allSettled(
      numbers(32).map((number) => {
        const stop = new AbortController();
        if (number % 4 === 1) return threads.do('exit', 1);
        if (number % 4 === 2) setTimeout(() => stop.abort('stopped'), 10 * number);
        return number % 4 === 3
          ? threads.do('fail', { name: 'Error', message: `${number}` })
          : threads.do('echo', number, stop.signal);
      }),
    );
    for (const number of numbers(8)) {
      expect(outcomes[4 * number]).toEqual({ status: 'fulfilled', value: 4 * number });
    }
    const stop = new AbortController();
    const flags = [flag(), flag()];
    const both = flags.map(({ cell }) => failure(threads.do('loop', cell, stop.signal)));
    await Promise.all(flags.map(({ set }) => set())); // Both threads are there.
    stop.abort('enough');
    await Promise.all(both);
  });
});

describe('what cannot be copied', PATIENT, () => {
  test('is refused as an item and as a result, and the thread lives', async () => {
    await using threads = await threadsOf();
    const thread = await threads.do('where');
    const item = await failure(threads.do('echo', () => {}));
    expect(item).toMatchObject({ code: 'BAD_VALUE', mayHaveRun: 'no' });
    expect(String(item)).toMatch(/the item of the handler in file:.* structuredClone .*=>/);
    const result = await failure(threads.do('odd'));
    expect(result).toMatchObject({ code: 'BAD_VALUE', mayHaveRun: 'maybe' });
    expect(String(result)).toMatch(/the result of the handler in file:.* structuredClone/);
    expect(await threads.do('where')).toBe(thread);
  });
});

describe('threads that cannot start', PATIENT, () => {
  const cases = [
    { what: 'a module without a default export', source: 'export const a = 1;', says: 'missing' },
    { what: 'a default export that is none', source: 'export default 5;', says: 'no function' },
    { what: 'a module that throws', source: 'throw new Error("not today");', says: 'not today' },
    { what: 'a module that exits', source: 'process.exit(4);', says: 'exited with code: 4' },
    { what: 'a module that is no JavaScript', source: 'a b', says: 'Unexpected' },
  ];

  test.each(cases)('for $what are refused by file and expectation', async ({ source, says }) => {
    const error = await failure(threadsOf(source, { threads: 2 }));
    expect(isBrokerlessError(error, 'BAD_OPTION')).toBe(true);
    expect(String(error)).toMatch(/file must be a module whose default export .*handler\.mjs/);
    expect(String(error)).toContain(says);
  });

  test('for there is no such module are refused too', async () => {
    const file = new URL('no-such-handler.mjs', import.meta.url);
    const error = await failure(threadsOf(HANDLER, { file }));
    expect(error).toMatchObject({ code: 'BAD_OPTION' });
    expect(String(error)).toMatch(/got file:.*no-such-handler\.mjs.*Cannot find module/);
  });

  test('for their flags are wrong are refused too', async () => {
    const execArgv = ['--import', './no-such-loader.mjs'];
    const error = await failure(threadsOf(HANDLER, { execArgv }));
    expect(error).toMatchObject({ code: 'BAD_OPTION' });
    expect(String(error)).toContain('no-such-loader.mjs');
  });

  test('for other options make no sense say which', async () => {
    const file = new URL('https://example.com/handler.js');
    await expect(startThreads({ file, threads: 1 })).rejects.toThrow('file must be a file: URL');
    const fine = pathToFileURL('handler.mjs');
    await expect(startThreads({ file: fine, threads: 0 })).rejects.toThrow('threads must be');
  });
});

describe('closing', PATIENT, () => {
  test('ends threads at work, and nothing begins any more', async () => {
    await using threads = await threadsOf();
    const begun = flag();
    const working = failure(threads.do('loop', begun.cell));
    const waiting = failure(threads.do('echo', 1));
    await begun.set();
    await Promise.all([threads.close(), threads.close()]);
    expect(await working).toMatchObject({ code: 'CLOSED', mayHaveRun: 'maybe' });
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    expect(await failure(threads.do('echo', 1))).toMatchObject({ code: 'CLOSED' });
    expect(threads.size).toBe(0);
  });

  test.each(['open', 'closed'])('a process whose threads are %s and idle ends', async (how) => {
    await using folder = await temporaryFolder();
    const file = await moduleIn(folder, 'export default (item) => `${item} done`;', 'handler.mjs');
    const program = new URL('programs/threads-idle.ts', import.meta.url);
    const run = await runScript(program, { args: [file.href, how], source: true, ...LONG });
    expect(run).toEqual({ code: 0, signal: null, stdout: 'item done\n', stderr: '' });
  });
});
