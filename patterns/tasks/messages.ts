/**
 * Messages: a task as it travels, the item of the work queue beneath.
 *
 *     { "task": "add", "args": [4, 4] }
 */

/** A task to be done. */
export interface TaskItem {
  /** Its name. */
  readonly task: string;
  /** What its function is called with. */
  readonly args: readonly unknown[];
}

/** The words by which a worker discards what it cannot do; what follows them is for people. */
export type Refusal = 'UNKNOWN_TASK' | 'BAD_ARGUMENTS';

/** Why a worker discards an item, as it travels. */
export function refusal(word: Refusal, reason: string): string {
  return `${word}: ${reason}`;
}

const REFUSAL = /^(UNKNOWN_TASK|BAD_ARGUMENTS): (.*)$/s;

/** Reads why an item was discarded; a task that has discarded itself says so in words of its own. */
export function readReason(reason: string): { readonly code: string; readonly message: string } {
  const [, code = 'DISCARDED', message = reason] = REFUSAL.exec(reason) ?? [];
  return { code, message };
}
