/**
 * The crew of a broker: who is idle, who is busy, and with what.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Assign, assignBy } from '../../src/broker/assign.ts';
import { Crew, type Worker } from '../../src/broker/crew.ts';
import type { BrokerRequest } from '../../src/broker/requests.ts';

const epoch = new Uint8Array(8);

function crewBy(assign: Assign = assignBy('longest-idle')): Crew {
  return new Crew({ assign, epoch, random: () => 0 });
}

function request(number: number): BrokerRequest {
  return {
    number,
    peer: 'c',
    address: [],
    body: [],
    receivedAt: 0,
    attempts: 0,
    priority: 0,
    bytes: 0,
    expiresAt: Number.POSITIVE_INFINITY,
  };
}

describe('a crew', () => {
  test('gives work to whoever has been idle longest, and takes it back', () => {
    const crew = crewBy();
    for (const id of ['a', 'b']) crew.join(id);
    const first = crew.hire(request(1), 5);
    expect([first.id, first.job.givenAt, crew.idle, crew.busy]).toEqual(['a', 5, 1, 1]);
    expect(crew.hire(request(2), 6).id).toBe('b');
    expect(crew.complete(first, first.job.tag)?.request.number).toBe(1);
    expect([first.answered, first.job, crew.idle, crew.busy]).toEqual([1, undefined, 1, 1]);
    expect(crew.hire(request(3), 7).id).toBe('a');
  });

  test('numbers its workers in the order in which they join, whoever has gone meanwhile', () => {
    const crew = crewBy();
    const joined = ['a', 'b'].map((id) => crew.join(id));
    crew.remove(joined[0] as Worker);
    joined.push(crew.join('a'));
    expect(joined.map((worker) => worker.joined)).toEqual([0, 1, 2]);
    expect(joined[2]).toMatchObject({ answered: 0, address: [], job: undefined, isLeaving: false });
  });

  test('counts attempts, and each has a tag of its own', () => {
    const crew = crewBy();
    const asked = request(1);
    const { job: first } = crew.hire(asked, crew.join('a').joined);
    crew.takeJob(crew.get('a') as never);
    const { job: second } = crew.hire(asked, 0);
    expect(asked.attempts).toBe(2);
    expect(first.tag).not.toEqual(second.tag);
  });

  test('takes no other answer than that to what the worker has in hand', () => {
    const crew = crewBy();
    const a = crew.join('a');
    const b = crew.join('b');
    const forA = crew.hire(request(1), 0).job.tag;
    const forB = crew.hire(request(2), 0).job.tag;
    expect(crew.complete(a, forB)).toBeUndefined();
    expect(crew.complete(a, new Uint8Array(0))).toBeUndefined();
    expect(crew.complete(b, forB)?.request.number).toBe(2);
    expect(crew.complete(b, forB)).toBeUndefined();
    expect(crew.complete(a, forA)?.request.number).toBe(1);
    expect([a.answered, b.answered]).toEqual([1, 1]);
  });

  test('gives nothing to a worker that leaves, and lets it finish', () => {
    const crew = crewBy();
    const a = crew.join('a');
    crew.join('b');
    const { job } = crew.hire(request(1), 0);
    crew.withdraw(a);
    expect([crew.size, crew.idle, crew.busy]).toEqual([2, 1, 1]);
    expect(crew.complete(a, job.tag)).toBe(job);
    expect([crew.idle, crew.busy]).toEqual([1, 0]);
    expect(crew.remove(a)).toBeUndefined();
    expect([...crew.names()]).toEqual(['b']);
  });

  test('answers with what a worker that is removed had in hand', () => {
    const crew = crewBy();
    const { job } = crew.hire(request(1), crew.join('a').joined);
    expect(crew.remove(crew.get('a') as never)).toBe(job);
    expect([crew.size, crew.idle, crew.busy, crew.get('a')]).toEqual([0, 0, 0, undefined]);
  });

  test('takes the first if whoever assigns picks nobody, or somebody who is busy or gone', () => {
    let choice: unknown;
    const crew = crewBy(() => choice as never);
    const a = crew.join('a');
    crew.join('b');
    choice = a;
    expect(crew.hire(request(1), 0).id).toBe('a');
    expect(crew.hire(request(2), 0).id).toBe('b');
    for (const id of ['a', 'b']) crew.takeJob(crew.get(id) as never);
    choice = undefined;
    expect(crew.hire(request(3), 0).id).toBe('a');
    choice = { id: 'b' };
    expect(crew.hire(request(4), 0).id).toBe('b');
  });

  test('tells whoever assigns of the last one, also when it is gone', () => {
    const seen: (string | undefined)[] = [];
    const crew = crewBy((_, { last }) => {
      seen.push(last?.id);
      return undefined;
    });
    crew.join('a');
    crew.hire(request(1), 0);
    crew.remove(crew.get('a') as never);
    crew.join('b');
    crew.hire(request(2), 0);
    expect(seen).toEqual([undefined, 'a']);
  });
});

test('its counts add up, whatever happens', () => {
  const step = fc.tuple(
    fc.constantFrom('join', 'hire', 'complete', 'take', 'withdraw', 'remove'),
    fc.nat(6),
  );
  const property = fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
    const crew = crewBy();
    let number = 0;
    for (const [what, n] of steps) {
      const id = `w${n}`;
      const worker = crew.get(id);
      if (what === 'join' && worker === undefined) crew.join(id);
      else if (what === 'hire' && crew.idle > 0) crew.hire(request((number += 1)), 0);
      else if (what === 'complete' && worker?.job) crew.complete(worker, worker.job.tag);
      else if (what === 'take' && worker) crew.takeJob(worker);
      else if (what === 'withdraw' && worker) crew.withdraw(worker);
      else if (what === 'remove' && worker) crew.remove(worker);
      const all = [...crew.names()].map((name) => crew.get(name));
      expect(crew.size).toBe(all.length);
      expect(crew.busy).toBe(all.filter((each) => each?.job !== undefined).length);
      expect(crew.idle).toBe(
        all.filter((each) => each?.job === undefined && !each?.isLeaving).length,
      );
    }
  });
  fc.assert(property, { numRuns: 50 });
});
