/**
 * brokerless/kit: the workshop door. What patterns stand on, ours and yours: the contract of rules,
 * the loop that drives them, clocks, and the checks of options.
 */
export { messageOf } from './errors.ts';
export { type BackoffOptions, backoffMs } from './rules/backoff.ts';
export {
  boolean,
  type Check,
  type Checks,
  callback,
  checkOptions,
  either,
  integer,
  oneOf,
  shaped,
  show,
  text,
} from './rules/check.ts';
export { Fifo } from './rules/fifo.ts';
export { type Action, type Rules, send, tell } from './rules/rules.ts';
export { type Clock, systemClock } from './run/clock.ts';
export { type Driven, type DriveOptions, drive, type Port } from './run/drive.ts';
export { Feed } from './run/feed.ts';
export { type Deferred, deferred, newId, once, type Running } from './run/running.ts';
export { type WaitOptions, waitFor } from './run/wait.ts';
