/**
 * Tally: the sums of a word count while its reports come in, and its summary at the end.
 */
import type { FileReport } from './job.ts';
import { addCounts, topWords } from './words.ts';

/** What one worker has done. */
export interface WorkerTally {
  /** Its process. */
  readonly pid: number;
  /** Files it counted. */
  files: number;
  /** Seconds it was busy, with files that do not count too. */
  seconds: number;
}

/** What `--json` prints. */
export interface Summary {
  /** Files counted. */
  readonly files: number;
  /** Bytes in them. */
  readonly bytes: number;
  /** Words in them. */
  readonly words: number;
  /** Different words in them. */
  readonly distinct: number;
  /** The ten most frequent words; of equals, the one that sorts first. */
  readonly top: readonly (readonly [word: string, count: number])[];
  /** The worker processes, those that were replaced too, and how many files each counted. */
  readonly workers: readonly { readonly pid: number; readonly files: number }[];
  /** How long it all took. */
  readonly seconds: number;
}

/** The sums so far. */
export class Tally {
  /** Files counted. */
  files = 0;
  /** Bytes in them. */
  bytes = 0;
  /** Words in them. */
  words = 0;
  /** Files that do not count, by the reason why. */
  readonly skipped = new Map<string, number>();
  /** Files and directories that could not be read, and why. */
  readonly unreadable: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #workers = new Map<number, WorkerTally>();

  /** @param pids The worker processes, which are listed even if they get nothing to do. */
  constructor(pids: readonly number[]) {
    for (const pid of pids) this.join(pid);
  }

  /** A worker process has been started: at the beginning, or in the place of one that has died. */
  join(pid: number): WorkerTally {
    const worker = { pid, files: 0, seconds: 0 };
    this.#workers.set(pid, worker);
    return worker;
  }

  /** What each worker has done. */
  get workers(): WorkerTally[] {
    return [...this.#workers.values()];
  }

  /** Adds what a worker reports of the file at `path`. */
  add(path: string, { pid, seconds, outcome }: FileReport): void {
    const worker = this.#workers.get(pid) ?? this.join(pid);
    worker.seconds += seconds;
    if (outcome.kind === 'unreadable') this.unreadable.push(`${path}: ${outcome.reason}`);
    else if (outcome.kind === 'skipped') this.#skip(outcome.reason);
    else {
      worker.files += 1;
      this.files += 1;
      this.bytes += outcome.bytes;
      this.words += outcome.words;
      addCounts(this.#counts, outcome.counts);
    }
  }

  /** The summary of what was added. */
  summary(seconds: number): Summary {
    return {
      files: this.files,
      bytes: this.bytes,
      words: this.words,
      distinct: this.#counts.size,
      top: topWords(this.#counts, 10),
      workers: this.workers.map(({ pid, files }) => ({ pid, files })),
      seconds,
    };
  }

  #skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }
}
