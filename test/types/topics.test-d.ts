/**
 * Types of publish and subscribe: what must compile, and what must not. Checked by the compiler, never run.
 */
import { type Published, Publisher, type Readiness, Subscriber } from 'brokerless';
import { z } from 'zod';

type Market = { readonly price: number; readonly name: string };
interface Weather {
  readonly sun: { readonly hours: number };
  readonly rain: string;
}

/** A publisher of one map of topics, and a subscriber of the same. */
export const publisher: Publisher<Market> = new Publisher<Market>({ numbered: false });
export const subscriber: Subscriber<Market> = new Subscriber<Market>();

/** Without a map any topic carries any value. */
export const anyPublisher: Publisher = new Publisher();
export const anySubscriber: Subscriber = new Subscriber();

/** A schema is of what topics carry, all of them. */
export const checked: Subscriber<Market> = new Subscriber<Market>({
  schema: z.union([z.number(), z.string()]),
});

export async function send(): Promise<void> {
  await publisher.send('price', 5);
  await publisher.send('name', 'five', { signal: AbortSignal.timeout(1) });
  // @ts-expect-error The value is that of another topic.
  await publisher.send('price', 'five');
  // @ts-expect-error No topic is called so.
  await publisher.send('prize', 5);
  // @ts-expect-error A value belongs to a topic.
  await publisher.send(5);
  await anyPublisher.send('anything', { at: 'all' });
  await publisher.subscribers(2, { topic: 'pri', timeoutMs: 1, signal: AbortSignal.timeout(1) });
  // @ts-expect-error A count is a number.
  await publisher.subscribers('2');
  // @ts-expect-error A Publisher receives nothing.
  await publisher.receive();
}

export async function receive(): Promise<void> {
  const readiness: Readiness = await subscriber.subscribe('pr', '').unsubscribe('pr').ready();
  // @ts-expect-error It is one of two words.
  if (readiness === 'ready') return;
  const got: Published<Market> = await subscriber.receive();
  if (got.topic === 'price') got.value.toFixed();
  else got.value.trim();
  // @ts-expect-error Which type the value has is known once the topic is.
  got.value.toFixed();
  for await (const { topic, value } of subscriber) {
    if (topic === 'name') value.trim();
    // @ts-expect-error No topic is called so.
    if (topic === 'prize') value.trim();
  }
  const missed: number = subscriber.stats().missed;
  missed.toFixed();
  const { value } = await anySubscriber.receive();
  // @ts-expect-error Of a value that anybody may send nothing is known.
  value.trim();
  // @ts-expect-error A Subscriber sends nothing.
  await subscriber.send('price', 5);
}

export async function open(): Promise<void> {
  const bound: Publisher<Market> = await Publisher.bind<Market>('ipc://*', { overflow: 'wait' });
  const joined: Subscriber<Market> = await Subscriber.connect<Market>(bound.endpoint, {
    onMissed: ({ topic, count }) => topic.repeat(count),
    echoMs: 5,
  });
  await joined.close();
  // @ts-expect-error What is refused cannot be published: 'reject' is for sockets with one receiver.
  await new Publisher<Market>({ overflow: 'reject' }).close();
  // @ts-expect-error A publisher's queue is no option of its subscriber.
  await new Subscriber<Market>({ maxQueueBytes: 5 }).close();
}

/** A map of topics may be an interface as well as a type. */
export const weather: Publisher<Weather> = new Publisher<Weather>();
export const forecast: Subscriber<Weather> = new Subscriber<Weather>();
