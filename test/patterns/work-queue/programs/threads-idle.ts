/**
 * Starts threads, gives them an item, and leaves them open or closes them: the process must end all the same.
 *
 *     threads-idle.ts HANDLER open|closed
 */
import { startThreads } from '../../../../patterns/work-queue/threads.ts';

const [handler = '', how = ''] = process.argv.slice(2);
const threads = await startThreads({ file: new URL(handler), threads: 2 });
console.log(await threads.run('item', { attempt: 1, id: 'one' }));
if (how === 'closed') await threads.close();
