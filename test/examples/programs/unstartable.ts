/**
 * A worker that cannot start: with this preloaded, whatever a program forks ends at once.
 */
if (process.send !== undefined) process.exit(7);
