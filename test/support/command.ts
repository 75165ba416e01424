/**
 * Runs a command, such as npm or a compiler, that has to end well; if it does not, the error shows
 * all that it wrote. For scripts whose ending is the question, see child.ts.
 */
import { execFile } from 'node:child_process';

/** Where and for how long a command runs. */
export interface CommandOptions {
  /** The working directory. */
  readonly cwd: string;
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it is killed. Default 60 s. */
  readonly timeoutMs?: number;
}

/** Runs `command` and resolves with what it wrote to its standard output. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 60_000 }: CommandOptions,
): Promise<string> {
  const options = {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error([error.message, stdout, stderr].join('\n'), { cause: error }));
    });
  });
}
