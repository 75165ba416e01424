/**
 * Load balancer: each request goes to a worker that is free. See README.md beside this file.
 */

export type { JobContext } from 'brokerless/kit';
export {
  type LoadBalancer,
  type LoadBalancerEvents,
  type LoadBalancerOptions,
  type LoadBalancerStats,
  startLoadBalancer,
} from './broker.ts';
export type { WorkerLoss } from './rules.ts';
export {
  type BalancedWorker,
  type BalancedWorkerOptions,
  type BalancedWorkerStats,
  startBalancedWorker,
} from './worker.ts';
