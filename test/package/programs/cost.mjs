/**
 * Imports the package that its argument names and prints the CPU time that took, in milliseconds.
 */
const before = process.cpuUsage();
await import(process.argv[2]);
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000));
