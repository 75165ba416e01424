/**
 * Imports the package that its argument names and prints which files were loaded for it, as JSON.
 */
import { Session } from 'node:inspector';

const files = [];
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url));
session.post('Debugger.enable');
files.length = 0; // Enabling reports what was there before.

await import(process.argv[2]);
session.disconnect();
process.stdout.write(JSON.stringify(files.filter((file) => /^(?:file:|\/)/.test(file))));
