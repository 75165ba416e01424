/**
 * Task error: what whoever waits for a task gets when it came to nothing.
 */
import type { Outcome } from 'brokerless/patterns/work-queue';
import { readReason } from './messages.ts';

/** How a task has ended that was not done. */
export type TaskFailure = Exclude<Outcome<never>, { readonly status: 'done' }>;

/** Which task, and of what it was a part. */
export interface TaskErrorDetails {
  /** What the task is called in the registry. */
  readonly task: string;
  /** Which part of a chain, group or chord it was, from 0. */
  readonly part?: number | undefined;
}

/** A task that came to nothing. Recognise it with {@link isTaskError}. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  /**
   * A word to branch on: the `code` of what the task threw last, or `HANDLER_FAILED` if that had none;
   * `DISCARDED`, `UNKNOWN_TASK`, `BAD_ARGUMENTS`; `CANCELLED`, `EXPIRED`, `LOST`.
   */
  readonly code: string;
  /** Facts for a program: the `data` of what the task threw. */
  readonly data: unknown;
  /** How it has ended. */
  readonly status: TaskFailure['status'];
  /** How often it was given to a worker. */
  readonly attempts: number;
  /** What this one is called. */
  readonly id: string;
  /** What the task is called in the registry. */
  readonly task: string;
  /** Which part of a chain, group or chord it was, from 0; undefined if of none. */
  readonly part: number | undefined;

  /** @param ended How it has ended. */
  constructor(ended: TaskFailure, { task, part }: TaskErrorDetails) {
    const { code, message, data } = causeOf(ended, task);
    super(message);
    this.code = code;
    this.data = data;
    this.status = ended.status;
    this.attempts = ended.attempts;
    this.id = ended.id;
    this.task = task;
    this.part = part;
  }
}

/** Whether something thrown is a {@link TaskError}, of this copy of the file or of another; with a `code`, of that. */
export function isTaskError(thrown: unknown, code?: string): thrown is TaskError {
  if (!(thrown instanceof Error) || thrown.name !== 'TaskError') return false;
  return code === undefined || ('code' in thrown && thrown.code === code);
}

interface Cause {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

function causeOf(ended: TaskFailure, task: string): Cause {
  switch (ended.status) {
    case 'failed':
      return ended.error;
    case 'discarded':
      return readReason(ended.reason);
    case 'cancelled':
      return { code: 'CANCELLED', message: `${task} was cancelled` };
    case 'expired':
      return { code: 'EXPIRED', message: `${task} was not done in time, and is wanted no more` };
    default:
      return { code: 'LOST', message: `the queue knows nothing of this ${task}, or not any more` };
  }
}
