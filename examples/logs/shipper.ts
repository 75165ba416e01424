/**
 * Logs, a shipper: sends the lines of one program, and counts a line as shipped when the hub has accepted it.
 *
 *     shipper.ts PRODUCERS NAME LINES
 *
 * In Python this is a `logging.handlers.QueueHandler` or `SocketHandler`, of which nobody knows what has arrived.
 * Started by main.ts, which it tells how many lines it has shipped.
 */
import { connectProducer, leaveWithParent } from 'brokerless/patterns/work-queue';

/** A line of a log. */
export interface Line {
  /** The program that wrote it. */
  readonly name: string;
  /** Its number there, from 1. */
  readonly number: number;
  /** How much it matters. */
  readonly level: 'info' | 'warning' | 'error';
  /** What it says. */
  readonly text: string;
}

const [endpoint = '', name = '', lines] = process.argv.slice(2);
leaveWithParent();
const producer = await connectProducer<Line>(endpoint);

let shipped = 0;
async function ship(number: number): Promise<void> {
  const level = number % 100 === 0 ? 'error' : number % 10 === 0 ? 'warning' : 'info';
  await producer.send({ name, number, level, text: `request ${number} served` });
  shipped += 1;
}
for (let number = 1; number <= Number(lines); number += 50) {
  const last = Math.min(number + 49, Number(lines));
  await Promise.all(Array.from({ length: last - number + 1 }, (_, i) => ship(number + i)));
  process.send?.(shipped);
}
await producer.close();
process.disconnect?.();
