/**
 * A hub whose store is a file, to be killed; says where it is once it is there.
 *
 *     stored-hub.ts FILE PRODUCERS WORKERS
 */
import { startWorkQueue } from '../../../../patterns/work-queue/index.ts';
import { FileStore } from '../file-store.ts';

const [file = '', producers = '', workers = ''] = process.argv.slice(2);
const store = new FileStore(file);
const hub = await startWorkQueue({ store, producers, workers, heartbeatMs: 200, retryMs: 20 });
process.send?.({ producers: hub.producers, workers: hub.workers });
