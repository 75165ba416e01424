/**
 * Builds the C++ floors with the machine's own compiler and libzmq, if it has them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../support/processes.ts';

/** The program and its libzmq's version, or why there is none. */
export type Built =
  | { readonly program: string; readonly version: string }
  | { readonly missing: string };

const SOURCE = fileURLToPath(new URL('libzmq.cc', import.meta.url));
const FOLDER = join(ROOT, '.bench');

/** Compiles `libzmq.cc` against Debian's libzmq3-dev or its like. Takes about a second. */
export function libzmqFloor(): Built {
  mkdirSync(FOLDER, { recursive: true });
  const program = join(FOLDER, 'libzmq');
  const flags = ['-O2', '-std=c++17', '-o', program, SOURCE, '-lzmq'];
  const { error, status, stderr } = spawnSync('c++', flags, { encoding: 'utf8' });
  if (error !== undefined) return { missing: 'no C++ compiler (c++) on this machine' };
  if (status !== 0) return { missing: stderr.match(/error: .*/)?.[0] ?? 'c++ could not build it' };
  const version = spawnSync(program, ['version'], { encoding: 'utf8' }).stdout.trim();
  return { program, version };
}
