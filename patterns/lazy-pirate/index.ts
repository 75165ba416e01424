/**
 * Lazy Pirate: a client that times out, backs off and asks again. See README.md beside this file.
 */
export { LazyPirate } from './client.ts';
export type { LazyPirateOptions, PirateAskOptions } from './options.ts';
export type { Switch, SwitchReason } from './servers-rules.ts';
export type { LazyPirateEvents, LazyPirateStats } from './stats.ts';
