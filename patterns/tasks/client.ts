/**
 * Client: connects an app to its queue, for those who send tasks and wait for results.
 *
 *     app ──DEALER──▶ ROUTER [ queue ]
 */
import { BrokerlessError } from 'brokerless';
import { checkArgument, once, type Running, text } from 'brokerless/kit';
import {
  connectProducer,
  type ProducerOptions,
  type ProducerStats,
} from 'brokerless/patterns/work-queue';
import { appOf } from './app.ts';
import type { TaskItem } from './messages.ts';
import { Line } from './result.ts';

/** Options of {@link connectTasks}. */
export interface TaskClientOptions extends Omit<ProducerOptions, 'outcomes' | 'maxOutcomes'> {
  /** Where the queue expects producers, such as `tcp://127.0.0.1:5557`. */
  readonly queue: string;
}

/** An app's connection to its queue. Whoever still waits for a result when it is closed hears `CLOSED`. */
export type TaskClient = Running<ProducerStats>;

/**
 * Connects the tasks of an app. From then on they can be sent, until the client is closed. Rejects with `BAD_OPTION`,
 * also if the app is connected already, or as connecting rejects; that the queue is not there yet is no reason to.
 */
export async function connectTasks(app: object, options: TaskClientOptions): Promise<TaskClient> {
  const behind = appOf('connectTasks', app);
  const { queue, ...others } = Object(options) as TaskClientOptions;
  checkArgument('connectTasks', 'queue', queue, text);
  if (behind.isTaken) {
    const message = 'connectTasks: the app is connected; close that client first, or make two apps';
    throw new BrokerlessError('BAD_OPTION', message);
  }
  behind.isTaken = true;
  try {
    const producer = await connectProducer<TaskItem>(queue, others);
    behind.line = new Line(producer, others.clock);
    const close = once(async () => {
      behind.line = undefined;
      behind.isTaken = false;
      await producer.close();
    });
    return { stats: () => producer.stats(), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    behind.isTaken = false;
    throw error;
  }
}
