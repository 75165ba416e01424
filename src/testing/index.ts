/**
 * brokerless/testing: a small world to try protocols in: a clock turned by hand, and a seeded network with
 * faults, on which hours pass in milliseconds and every run can be had again.
 */
export { ManualClock } from './clock.ts';
export type { DiskAnswer, DiskOptions, SimDisk } from './disk.ts';
export type { SimDriven, SimDriveOptions } from './driver.ts';
export { type Exploration, type ExploreOptions, explore } from './explore.ts';
export { type Fault, type FaultKind, faultKinds } from './faults.ts';
export type { NodeOptions, SimNode } from './node.ts';
export type { SimPort, SocketKind } from './port.ts';
export { seededRandom } from './random.ts';
export { report } from './report.ts';
export { shrink } from './shrink.ts';
export { type Outcome, type Scenario, type SimulationOptions, simulate } from './simulate.ts';
export type { Handle, World } from './world.ts';
