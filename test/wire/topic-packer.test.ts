/**
 * Topic packer: runs of one topic share a message, and order is kept across topics.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/wire/batch.ts';
import { codingOf } from '../../src/wire/codec.ts';
import { packerFor } from '../../src/wire/packer.ts';
import { MAX_TOPIC_BYTES, type Topical, TopicPacker } from '../../src/wire/topic-packer.ts';
import { thrownBy } from '../support/thrown.ts';
import { unpack } from '../support/wire.ts';

interface Made {
  readonly packer: TopicPacker;
  readonly messages: Message[];
}

function make(batch = true, maxMessageBytes = 1 << 20): Made {
  const messages: Message[] = [];
  const packer = new TopicPacker(
    (emit) => packerFor<unknown>('cbor', batch, { maxMessageBytes, emit, deal: () => 1 }),
    (message) => messages.push(message),
  );
  return { packer, messages };
}

/** What a message says: its topic and its values. */
function told({ frame, count, before = [] }: Message): [string, unknown[]] {
  const { values, fault } = unpack(frame);
  expect([before.length, fault, values.length]).toEqual([1, undefined, count]);
  return [Buffer.from(before[0] ?? []).toString(), values];
}

function send(packer: TopicPacker, topic: string, ...values: readonly unknown[]): void {
  for (const value of values) packer.pack({ topic, value }, false);
}

describe('values of one topic', () => {
  test('share a message, which leaves when it is sealed', () => {
    const { packer, messages } = make();
    send(packer, 'a', 1, 2, 3);
    expect([messages.length, packer.count]).toEqual([0, 3]);
    expect(packer.bytes).toBeGreaterThan(0);
    packer.seal();
    expect(messages.map(told)).toEqual([['a', [1, 2, 3]]]);
    expect([packer.count, packer.bytes]).toEqual([0, 0]);
    packer.seal();
    expect(messages).toHaveLength(1);
  });

  test('go on in a message of the same topic after a seal', () => {
    const { packer, messages } = make();
    send(packer, 'a', 1, 2);
    packer.seal();
    send(packer, 'a', 3);
    packer.seal();
    expect(messages.map(told)).toEqual([
      ['a', [1, 2]],
      ['a', [3]],
    ]);
  });

  test('share the very same topic frame, so that it can be told by identity', () => {
    const { packer, messages } = make(false);
    send(packer, 'a', 1, 2);
    const [one, two] = messages.map(({ before }) => before?.[0]);
    expect(one).toBe(two);
  });

  test('leave alone where nothing is batched', () => {
    const { packer, messages } = make(false);
    send(packer, 'a', 1, 2);
    expect(messages.map(told)).toEqual([
      ['a', [1]],
      ['a', [2]],
    ]);
  });
});

describe('a value of another topic', () => {
  test('ends the run', () => {
    const { packer, messages } = make();
    send(packer, 'a', 1, 2);
    send(packer, 'b', 3);
    expect(messages.map(told)).toEqual([['a', [1, 2]]]);
    send(packer, 'a', 4);
    packer.seal();
    expect(messages.map(told)).toEqual([
      ['a', [1, 2]],
      ['b', [3]],
      ['a', [4]],
    ]);
  });

  test('that cannot be encoded leaves the topics of all others as they were', () => {
    const { packer, messages } = make(true, 100);
    send(packer, 'a', 1);
    thrownBy(() => send(packer, 'b', () => {}), 'BAD_VALUE');
    thrownBy(() => send(packer, 'b', 'x'.repeat(200)), 'TOO_LARGE');
    send(packer, 'a', 2);
    send(packer, 'b', 3);
    packer.seal();
    expect(messages.map(told).map(([topic, values]) => [topic, ...values])).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ]);
  });
});

test('order is kept across topics, batches, large values and seals', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom('', 'a', 'ab', 'ü', '☃'), fc.nat(50)) },
      fc.tuple(fc.constant('a'), fc.integer({ min: 65_000, max: 70_000 })),
      fc.constant('seal' as const),
    ),
    { maxLength: 60 },
  );
  const property = fc.property(steps, fc.boolean(), (script, frozen) => {
    const { packer, messages } = make();
    const sent: [string, number, number][] = [];
    for (const step of script) {
      if (step === 'seal') {
        packer.seal();
        continue;
      }
      const [topic, size] = step;
      sent.push([topic, sent.length, size]);
      const item: Topical = { topic, value: [sent.length - 1, 'x'.repeat(size)] };
      if (frozen) packer.packItem(packer.freeze(item, false));
      else packer.pack(item, false);
    }
    packer.seal();
    const got = messages.map(told).flatMap(([topic, values]) =>
      values.map((value) => {
        const [n, text] = value as [number, string];
        return [topic, n, text.length];
      }),
    );
    expect(got).toEqual(sent);
  });
  fc.assert(property, { numRuns: 150 });
});

describe('a topic', () => {
  const bad: readonly unknown[] = ['\0', '\0private', 'half \ud800', 5, undefined, null, {}];

  test.for(bad)('%o is refused, and the next one is none the worse', (topic) => {
    const { packer, messages } = make();
    send(packer, 'a', 1);
    thrownBy(() => send(packer, topic as string, 2), 'BAD_VALUE');
    send(packer, 'a', 3);
    packer.seal();
    expect(messages.map(told).flatMap(([, values]) => values)).toEqual([1, 3]);
  });

  test('that is none is refused by freeze already, as by pack', () => {
    const { packer } = make();
    for (const topic of bad) {
      thrownBy(() => packer.freeze({ topic: topic as string, value: 1 }, false), 'BAD_VALUE');
    }
  });

  test('is up to 1024 bytes long', () => {
    const { packer, messages } = make();
    const longest = 'ü'.repeat(MAX_TOPIC_BYTES / 2);
    send(packer, longest, 1);
    thrownBy(() => send(packer, `${longest}x`, 2), 'BAD_VALUE');
    packer.seal();
    expect(messages.map(told)).toEqual([[longest, [1]]]);
  });

  test('may hold NUL further on, be empty, and be in any script', () => {
    const { packer, messages } = make();
    const topics = ['', 'a\0b', 'ünï', '天気', '🎉'];
    for (const topic of topics) send(packer, topic, topic);
    packer.seal();
    expect(messages.map(told)).toEqual(topics.map((topic) => [topic, [topic]]));
  });
});

test('a value of several frames has its topic before them', () => {
  const messages: Message[] = [];
  const packer = new TopicPacker(
    (emit) => {
      const options = { maxMessageBytes: 100, emit, deal: () => 1 };
      return packerFor<unknown>(codingOf('frames'), false, options);
    },
    (message) => messages.push(message),
  );
  packer.pack({ topic: 't', value: [Uint8Array.of(1), Uint8Array.of(2)] }, false);
  const frames = messages.map(({ before = [], frame }) =>
    [...before, frame].map((each) => [...each]),
  );
  expect(frames).toEqual([[[116], [1], [2]]]);
});
