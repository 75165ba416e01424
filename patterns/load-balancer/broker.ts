/**
 * Load balancer: stands between clients and workers, and gives each request to a worker that is free.
 *
 *     clients ──REQ──▶ ROUTER [ broker ] ROUTER ◀──REQ── workers
 *
 * The simplest true broker: no worker is given more than it can take, and nothing is asked of either side
 * but a REQ socket. No promise against a crash. The decisions are in rules.ts.
 */
import { Router } from 'brokerless';
import {
  type Broker,
  type BrokerEvents,
  type BrokerOptions,
  type BrokerStats,
  brokerChecks,
  brokerRuleOptions,
  checkOptions,
  type Frames,
  startBroker,
} from 'brokerless/kit';
import { BalancerRules, type WorkerLoss } from './rules.ts';

/** Options of {@link startLoadBalancer}. */
export type LoadBalancerOptions = BrokerOptions;

/** A load balancer at work. */
export type LoadBalancer = Broker<WorkerLoss>;

/** The numbers of a load balancer. */
export type LoadBalancerStats = BrokerStats;

/** What there is to hear of a load balancer. */
export type LoadBalancerEvents = BrokerEvents<WorkerLoss>;

/** Starts a load balancer. Rejects with `BAD_OPTION`, or as binding rejects. */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  checkOptions('startLoadBalancer', options, brokerChecks);
  const rules = new BalancerRules(brokerRuleOptions(options));
  return startBroker(rules, options, (given) => new Router<Frames>(given));
}
