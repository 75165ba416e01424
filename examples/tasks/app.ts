/**
 * Tasks, the app: what there is to do, in one file that client and worker share. It opens no socket.
 *
 * In place of Celery's `tasks.py`:
 *
 *     app = Celery('tasks', broker='amqp://', backend='redis://')
 *     @app.task
 *     def add(x, y): return x + y
 */
import { setTimeout } from 'node:timers/promises';
import { Discard, type TaskContext, type Tasks, tasks } from 'brokerless/patterns/tasks';

const functions = {
  add: (x: number, y: number): number => x + y,

  total: (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0),

  /** Fails at the first attempt; the queue has it tried again. */
  async fetch(this: TaskContext, url: string): Promise<string> {
    if (!URL.canParse(url)) throw new Discard(`${url} is no address`); // No attempt would help.
    await setTimeout(10);
    if (this.attempt === 1) throw new Error(`${url} does not answer`);
    return `${url} at attempt ${this.attempt}`;
  },
};

/** The app. */
export const app: Tasks<typeof functions> = tasks(functions);
