/**
 * A program that binds an ipc path, its argument, and dies without closing it.
 */
import { Pull } from 'brokerless';

await Pull.bind(`ipc://${process.argv[2] ?? ''}`);
process.kill(process.pid, 'SIGKILL');
