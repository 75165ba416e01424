/**
 * The manual clock that tests turn themselves, by the name under which they know it.
 */
export { ManualClock } from '../../src/testing/clock.ts';
