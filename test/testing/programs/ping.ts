/**
 * Ping: a protocol of one's own and the scenario that tries it, as the README of the simulator shows them.
 */
import { type Action, type Rules, send, tell } from 'brokerless/kit';
import type { Scenario } from 'brokerless/testing';

type Frames = readonly Uint8Array[];
type Act = Action<'server', Frames, number>;

/** Asks for one number after the other, and for each of them until it is answered. */
export class PingRules implements Rules<'server', Frames, number> {
  deadline: number | undefined = 0;
  number = 0;

  accepts(): boolean {
    return true;
  }

  tick(now: number): readonly Act[] {
    this.deadline = now + 500; // Again, if there is no answer by then.
    return [send('server', [Uint8Array.of(this.number)])];
  }

  receive(_from: 'server', message: unknown, now: number): readonly Act[] {
    const answer = (message as Frames)[0]?.[0];
    if (answer !== this.number) return []; // The second answer to what was asked twice.
    this.number += 1;
    this.deadline = now + 1000;
    return [tell(answer)];
  }
}

/** A client that asks, a server that echoes, and what must be true whatever goes wrong. */
export function pinging(newRules = (): PingRules => new PingRules()): Scenario {
  return (world) => {
    let answered = 0;
    world.node('server', (node) => {
      const port = node.bind('router', 'ping');
      port.read((message) => port.send(message));
    });
    world.node('client', (node) => {
      let next = 0; // A client that was started again begins anew.
      const ports = { server: node.connect('dealer', 'ping') };
      node.drive(newRules(), {
        ports,
        tell: (answer) => {
          if (answer !== next) world.fail(`${answer} was answered when ${next} was asked`);
          next += 1;
          answered += 1;
          world.mark('answered');
        },
      });
    });
    let before = 0;
    world.at(60_000, () => {
      before = answered; // From here on all is well.
    });
    return () => {
      if (answered === before) world.fail('nothing was answered although all was well');
    };
  };
}
