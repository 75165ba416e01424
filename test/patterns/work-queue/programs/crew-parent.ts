/**
 * Starts a crew of two, says who they are once they are there, and ends when it is told to.
 *
 *     crew-parent.ts FOLDER HOW
 */
import { readdirSync } from 'node:fs';
import { startCrew } from '../../../../patterns/work-queue/crew.ts';

const [folder = '', how = ''] = process.argv.slice(2);
const file = new URL('member.ts', import.meta.url);
const crew = startCrew({ file, count: 2, args: [folder, how] });

const looking = setInterval(() => {
  if (readdirSync(folder).length < 2) return;
  clearInterval(looking);
  process.send?.(crew.pids);
}, 5);
process.once('message', () => process.exit());
