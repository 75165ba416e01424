/**
 * Runs Python, for tests against libraries that have never heard of this package.
 *
 * The machine's own Python and its packaged libraries are used. Where they are missing a test is
 * shown as skipped, with the line that installs them; with `CI=true` it fails instead.
 */
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The interpreter that has the packaged libraries. */
export const PYTHON = '/usr/bin/python3';

/** What a Python program did. */
export interface PythonResult {
  /** What it wrote to its standard output. */
  readonly stdout: string;
  /** What it wrote to its standard error, such as a traceback. */
  readonly stderr: string;
  /** Its exit code; null if a signal ended it. */
  readonly code: number | null;
}

/** The Debian package of each module that tests ask for. */
const packages: Readonly<Record<string, string>> = { cbor2: 'python3-cbor2', zmq: 'python3-zmq' };

/**
 * Runs a program and waits for its end.
 *
 * @param program A file, as a URL or as a path that ends in `.py`; anything else is Python itself.
 */
export async function python(
  program: string | URL,
  args: readonly string[] = [],
  stdin = '',
): Promise<PythonResult> {
  const path = program instanceof URL ? fileURLToPath(program) : program;
  const what = path.endsWith('.py') ? [path] : ['-c', path];
  const child = spawn(PYTHON, [...what, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.on('error', () => {}); // It may end without having read all that it was given.
  child.stdin.end(stdin);
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code };
}

/**
 * Skips the test, or fails it in CI, unless Python is there and has these modules. Call it in a
 * `beforeEach`, or first thing in the test.
 */
export function requirePython(context: TestContext, ...modules: readonly string[]): void {
  const imports = modules.map((name) => `import ${name}`).join('\n');
  if (spawnSync(PYTHON, ['-c', imports]).status === 0) return;
  const names = ['python3', ...modules.map((name) => packages[name] ?? `python3-${name}`)];
  const remedy = `needs Python: apt-get install ${names.join(' ')}`;
  if (process.env['CI'] === 'true') throw new Error(remedy);
  context.skip(remedy);
}
