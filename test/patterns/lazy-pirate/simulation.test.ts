/**
 * Simulation: Lazy Pirates among servers that crash, freeze, say nothing or talk nonsense, on a network that
 * breaks. Whatever happens, each request is settled once and in time, with its own answer or an error that
 * tells the truth; no more is carried out than was allowed; and nothing is left behind.
 */
import type { Action, Frames } from 'brokerless/kit';
import { explore, faultKinds, report } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import type { PirateTold } from '../../../patterns/lazy-pirate/reply-rules.ts';
import { PirateRequest } from '../../../patterns/lazy-pirate/request-rules.ts';
import { LazyPirateRules } from '../../../patterns/lazy-pirate/rules.ts';
import { pirates, type Waiting, type WorldOptions } from './worlds.ts';

type Act = Action<'server', Frames, PirateTold<Waiting>>;

describe('in 500 worlds', () => {
  test('every request is settled as it should be', { timeout: 60_000 }, () => {
    const { failure, marks } = explore(pirates(), { seeds: 500 });
    expect(failure && report(failure)).toBe(undefined);
    for (const kind of faultKinds) {
      if (kind === 'hostile' || kind === 'disk') continue; // Nobody here has a disk.
      expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(100);
    }
    const often = [
      ['answered', 10_000],
      ['answered again', 1000],
      ['TIMEOUT maybe', 500],
      ['TIMEOUT no', 100],
      ['QUEUE_FULL no', 50],
      ['HANDLER_FAILED maybe', 500],
      ['BAD_MESSAGE maybe', 100],
      ['aborted', 500],
      ['fault', 500],
      ['lost connection', 500],
      ['switch: silent', 500],
      ['switch: unreachable', 500],
    ] as const;
    for (const [name, times] of often) expect(marks.get(name), name).toBeGreaterThan(times);
  });

  test('and in hostile ones, with messages lost, doubled and overtaken', {
    timeout: 60_000,
  }, () => {
    const kinds = [...faultKinds];
    const { failure, marks } = explore(pirates({ isHostile: true }), { seeds: 200, kinds });
    expect(failure && report(failure)).toBe(undefined);
    expect(marks.get('fault:hostile')).toBeGreaterThan(20);
  });
});

describe('a client is found out that', () => {
  const mutants: readonly (readonly [string, WorldOptions])[] = [
    [
      'gives a reply to whoever has waited longest',
      {
        newRules: (options) =>
          new (class extends LazyPirateRules<Waiting> {
            override receive(from: 'server', message: unknown, now: number): readonly Act[] {
              const [oldest] = this.book.all();
              const acts = super.receive(from, message, now);
              return acts.map((act) => {
                const isAnswer = act.kind === 'tell' && act.what.kind === 'answer';
                return isAnswer && oldest !== undefined
                  ? { ...act, what: { ...act.what, request: oldest } }
                  : act;
              });
            }
          })(options),
      },
    ],
    [
      'gives a late reply to its request once more',
      {
        newRules: (options) =>
          new (class extends LazyPirateRules<Waiting> {
            #last: readonly Act[] = [];
            override receive(from: 'server', message: unknown, now: number): readonly Act[] {
              const before = this.late;
              const acts = super.receive(from, message, now);
              if (acts.length > 0) this.#last = acts;
              return this.late > before ? this.#last : acts;
            }
          })(options),
      },
    ],
    [
      'says of every request that it has not run',
      {
        newRequest: (...given) =>
          new (class extends PirateRequest<Waiting> {
            override get mayHaveRun(): 'no' {
              return 'no';
            }
          })(...given),
      },
    ],
    [
      'asks on until its time is over',
      {
        newRequest: (...given) =>
          new (class extends PirateRequest<Waiting> {
            override get hasAttempts(): boolean {
              return true;
            }
          })(...given),
      },
    ],
    [
      'forgets what was asked on a socket that it has left',
      {
        newRules: (options) =>
          new (class extends LazyPirateRules<Waiting> {
            override tick(now: number): readonly Act[] {
              const sent = [...this.book.all()].filter(({ stage }) => stage === 'sent');
              const acts = super.tick(now);
              if (acts.some(({ kind }) => kind === 'reopen'))
                sent.forEach((one) => this.forget(one));
              return acts;
            }
          })(options),
      },
    ],
    [
      'never leaves a server',
      {
        newRules: (options) =>
          new LazyPirateRules({
            ...options,
            freshAfter: Number.POSITIVE_INFINITY,
            connectMs: Number.POSITIVE_INFINITY,
            servers: ['nobody', ...options.servers],
          }),
      },
    ],
    [
      'waits without end for what was not answered',
      {
        newRules: (options) =>
          new (class extends LazyPirateRules<Waiting> {
            override tick(): readonly Act[] {
              return [];
            }
            override get deadline(): undefined {
              return undefined;
            }
          })(options),
      },
    ],
  ];
  test.each(mutants)('%s', (_name, options) => {
    expect(explore(pirates(options), { seeds: 100 }).failure).toBeDefined();
  });
});
