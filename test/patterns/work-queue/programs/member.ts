/**
 * A process of a crew: leaves a file with its arguments, named after its process id, and then does as it is told.
 *
 *     member.ts FOLDER stay|stubborn|die|idle
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveWithParent } from '../../../../patterns/work-queue/crew.ts';

const [folder = '', how = ''] = process.argv.slice(2);

if (how !== 'stubborn') leaveWithParent();
if (how === 'stubborn') process.on('SIGTERM', () => {});
const { CREW_TEST: variable } = process.env;
const told = { args: process.argv.slice(2), variable, flags: process.execArgv };
writeFileSync(`${folder}.${process.pid}`, JSON.stringify(told));
renameSync(`${folder}.${process.pid}`, join(folder, String(process.pid))); // Whole, once it is there.

if (how === 'die') process.exit(3);
if (how !== 'idle') setInterval(() => {}, 60_000);
