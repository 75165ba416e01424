/**
 * Tests of how a worker runs its handler, with no sockets: how items that take no time are done in a row.
 */
import { expect, test } from 'vitest';
import { Handlers, type HandlersMakings } from '../../../patterns/work-queue/handlers.ts';
import type { Job } from '../../../patterns/work-queue/job-rules.ts';
import { systemClock } from '../../../src/run/clock.ts';
import { until } from '../../support/until.ts';

const LONG_MS = 10; // Nobody else has had a turn for so long.

const jobs = Array.from({ length: 3 }, (_, at): Job => {
  const state = { isWanted: true, isBegun: true, begunAt: 0, seat: 0 };
  return { n: at, attempt: 1, body: Uint8Array.of(at), epoch: 'life', ...state };
});

/** Runs a handler on all jobs, the first of which begins the next, and tells what happens in words. */
async function seenWith(handler: (n: number) => unknown): Promise<string[]> {
  const seen: string[] = [];
  const next = (job: Job): Job | undefined => jobs[job.n + 1];
  const makings: HandlersMakings = {
    maxMessageBytes: 1000,
    onError: undefined,
    answer(job, said) {
      seen.push(`${said} ${job.n}`);
      const begun = next(job);
      if (begun !== undefined) handlers.begin(begun);
    },
    answerAndBegin(job, said) {
      seen.push(`${said} ${job.n}`);
      return next(job);
    },
    pause: () => seen.push('pause'),
    record: () => {},
    clock: systemClock,
  };
  const handlers = new Handlers<number, unknown>(handler, makings);
  handlers.begin(jobs[0] as Job);
  await until(() => seen.filter((each) => each !== 'pause').length === 3);
  return seen;
}

test('items that take no time are done in a row, and so are those that take their turn', async () => {
  const all = ['done 0', 'done 1', 'done 2'];
  expect((await seenWith((n) => n)).filter((each) => each !== 'pause')).toEqual(all);
  expect(await seenWith((n) => Promise.resolve(n))).toEqual(all);
});

test('what was answered does not wait for the rest of a long row', async () => {
  const seen = await seenWith(() => {
    const end = performance.now() + LONG_MS;
    while (performance.now() < end);
  });
  expect(seen).toEqual(['done 0', 'pause', 'done 1', 'pause', 'done 2']);
});

test('a handler that throws has failed, and the next one is begun', async () => {
  const seen = await seenWith((n) => {
    if (n === 1) throw new Error('no');
  });
  expect(seen.filter((each) => each !== 'pause')).toEqual(['done 0', 'failed 1', 'done 2']);
});
