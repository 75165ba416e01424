/**
 * Load balancer: each request goes to a worker that is free. See README.md beside this file.
 */
export {
  type LoadBalancer,
  type LoadBalancerEvents,
  type LoadBalancerOptions,
  type LoadBalancerStats,
  startLoadBalancer,
} from './broker.ts';
export type { WorkerLoss } from './rules.ts';
export { type BalancedWorker, type BalancedWorkerStats, startBalancedWorker } from './worker.ts';
export type { BalancedWorkerOptions, JobContext } from './worker-options.ts';
