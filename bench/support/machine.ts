/**
 * Machine: what the figures were taken on, and under what load. Without it they mean nothing.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { version as libzmqVersion } from 'zeromq';
import { type Notes, promiseClasses } from './report.ts';

/** What stands beside the results in the JSON. */
export interface Meta extends Notes {
  readonly date: string;
  readonly brokerless: string;
  readonly node: string;
  readonly zeromq: string;
  /** The libzmq inside the package zeromq. */
  readonly libzmq: string;
  readonly cpu: string;
  readonly cores: number;
  /** Load averages over 1, 5 and 15 minutes, before and after. */
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly rounds: number;
  /** What the promise classes of the rows mean. */
  readonly classes: typeof promiseClasses;
}

/** Describes the machine as it is now; call the result when the benches are done. */
export function describeMachine(rounds: number): (notes: Notes) => Meta {
  const date = new Date().toISOString();
  const before = loadavg();
  const processors = cpus();
  return (notes) => ({
    date,
    brokerless: versionOf('brokerless'),
    node: process.version,
    zeromq: versionOf('zeromq'),
    libzmq: libzmqVersion,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    load: { before, after: loadavg() },
    rounds,
    classes: promiseClasses,
    ...notes,
  });
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
