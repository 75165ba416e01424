/**
 * A hub process that says where it is bound.
 *
 *     hub.mjs OPTIONS
 */
import { startWorkQueue } from 'brokerless/patterns/work-queue';

const hub = await startWorkQueue(JSON.parse(process.argv[2] ?? '{}'));
process.once('disconnect', () => process.exit());
process.send?.(['bound', hub.producers, hub.workers]);
