/**
 * Simulated services: clients that ask for all kinds of errands, servers that throw, hang, drain and are replaced; and
 * the promises, watched while it goes on. The invariants are named as in the project's list of them: S for safety, B
 * for bounds, L for what must happen once the faults are over.
 *
 * What was asked and what came of it is in sim-ledger.ts.
 */
import type { ClientRules, ClientRulesOptions } from '../../../patterns/service/client-rules.ts';
import type { ServerRules, ServerRulesOptions } from '../../../patterns/service/server-rules.ts';
import type { World } from '../../../src/testing/index.ts';
import { type Asking, SimClient } from './sim-client.ts';
import { CALM_AT, drawKnobs, type Knobs } from './sim-knobs.ts';
import { Ledger } from './sim-ledger.ts';
import { SimServer } from './sim-server.ts';

/** What the world is made of: the rules, or mutants of them. */
export interface Makers {
  readonly client: (options: ClientRulesOptions) => ClientRules<Asking>;
  readonly server: (options: ServerRulesOptions) => ServerRules;
}

const CLIENTS = ['client 0', 'client 1'];
const SERVERS = ['server 0', 'server 1', 'server 2'];
const MIN_ASKED = 40;
const ROLL_MS = 4500; // Until the next server is replaced.

/** A scenario for `explore`: builds the world and returns the last checks. */
export function services(makers: Makers, isHostile = false): (world: World) => () => void {
  return (world) => {
    const knobs = drawKnobs(world);
    const ledger = new Ledger(world, knobs, isHostile);
    const common = { world, knobs, ledger, isHostile };
    const servers = new Map<string, SimServer>();
    for (const name of SERVERS) {
      world.node(name, (node) => {
        servers.set(name, new SimServer(node, { ...common, make: makers.server }));
      });
    }
    const clients = new Map<string, SimClient>();
    for (const [n, name] of CLIENTS.entries()) {
      const makings = { ...common, servers: SERVERS, make: makers.client };
      world.node(name, (node) => void clients.set(name, new SimClient(node, makings)), {
        mayCrash: n > 0,
        mayFreeze: knobs.mayFreeze,
      });
    }
    world.at(CALM_AT - 1, () => {
      for (const server of servers.values()) server.checkCalm();
    });
    if (knobs.isRolling) {
      for (const [n, name] of SERVERS.entries()) {
        world.at(CALM_AT + 500 + n * ROLL_MS, () => servers.get(name)?.leave());
      }
    }
    return () => {
      if (ledger.errands.size < MIN_ASKED) world.fail(`${ledger.errands.size} are too few`);
      for (const client of clients.values()) client.check();
      for (const [name, { rules }] of servers) checkServer(world, name, rules, knobs);
    };
  };
}

/** Everybody is there, and nothing is left over. */
function checkServer(
  world: World,
  name: string,
  { jobs, clients, deadline }: ServerRules,
  knobs: Knobs,
): void {
  const sessions = clients.sessions.all();
  if (!jobs.isIdle) world.fail(`B1: ${name} has ${jobs.running} at work, ${jobs.depth} in line`);
  if (jobs.deadline !== Infinity) world.fail(`B4: ${name} has a timer left`);
  if (sessions.length !== CLIENTS.length) world.fail(`B1: ${name} has ${sessions.length} clients`);
  if (sessions.some(({ asked }) => asked.size > 0)) world.fail(`B1: ${name} has calls left`);
  if (jobs.replies.size > knobs.maxReplies) world.fail(`B1: ${name} keeps ${jobs.replies.size}`);
  if (deadline === undefined || deadline < world.now - 1000) world.fail('B4: a deadline is past');
}
