/**
 * Job: what passes between the main process and its workers.
 */
import type { FlatCounts } from './words.ts';

/** What became of one file. */
export type Outcome =
  | {
      readonly kind: 'counted';
      readonly bytes: number;
      readonly words: number;
      readonly counts: FlatCounts;
    }
  | { readonly kind: 'skipped'; readonly reason: 'too large' | 'not UTF-8' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The outcome of one file, with who worked on it and for how long. */
export interface FileReport {
  /** The worker's process. */
  readonly pid: number;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** What became of the file. */
  readonly outcome: Outcome;
}

/** The largest file that is counted: 8 MiB. */
export const MAX_FILE_BYTES: number = 8 << 20;

/** A file of nothing but different words reports more bytes than it has. */
export const MAX_REPORT_BYTES: number = 8 * MAX_FILE_BYTES;
