/**
 * A ping that asks only once: what the simulator has to find out.
 */
import { PingRules } from './ping.ts';

/** Asks only once. */
export class HopefulRules extends PingRules {
  override tick(now: number): ReturnType<PingRules['tick']> {
    const actions = super.tick(now);
    this.deadline = undefined;
    return actions;
  }
}
