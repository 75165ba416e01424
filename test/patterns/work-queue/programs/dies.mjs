/**
 * A worker process that does not live to do anything.
 */
process.exit(3);
