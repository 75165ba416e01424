/**
 * The app that the programs beside it share: it tells its parent what is begun.
 */
import { type TaskContext, type Tasks, tasks } from 'brokerless/patterns/tasks';

/** The functions of the app. */
export const functions = {
  /** The first attempt goes on until its process ends. */
  async survive(this: TaskContext, name: string): Promise<string> {
    process.send?.({ name, attempt: this.attempt, pid: process.pid });
    if (this.attempt === 1) await new Promise(() => {});
    return `${name} at attempt ${this.attempt}`;
  },
  square: (x: number): number => x * x,
};

/** The app. */
export const app: Tasks<typeof functions> = tasks(functions);
