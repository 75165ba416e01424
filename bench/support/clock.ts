/**
 * Clock: the time in nanoseconds, comparable between the processes of one machine.
 */

/**
 * Nanoseconds of the machine's monotonic clock, which all processes share. `process.hrtime.bigint`
 * reads the same clock and makes a BigInt each time; `performance.now` is that clock from another zero.
 */
export function now(): number {
  return zero + performance.now() * 1e6;
}

const zero = offset();

/** The smallest of several differences: the two readings closest together. */
function offset(): number {
  let least = Infinity;
  for (let i = 0; i < 1000; i += 1) {
    const before = performance.now() * 1e6;
    least = Math.min(least, Number(process.hrtime.bigint()) - before);
  }
  return least;
}
