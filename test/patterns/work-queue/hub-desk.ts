/**
 * Hub desk: the rules of a hub at a table. What producers are told, in words: `welcome p`, `accepted p 1=7`
 * (their number = the queue's), `refused p 1 QUEUE_FULL`, `outcome p 7 done did 7`, `outcome p 7 failed CODE`.
 */
import { bodiesBy, decodeFailure, type Frames, ListWriter } from 'brokerless/kit';
import { HubRules, type HubRulesOptions } from '../../../patterns/work-queue/hub-rules.ts';
import { read, VERSION, type Wishes, word } from '../../../patterns/work-queue/messages.ts';
import { recover } from '../../../patterns/work-queue/recovery-rules.ts';
import { bytesOf, deskOptions, QueueDesk, textOf } from './queue-desk.ts';

/** An item as a producer puts it: what is to be done, what is asked of it, and the producer's number for it. */
export interface Put {
  readonly body: string;
  readonly wishes?: Wishes | undefined;
  readonly seq: number;
}

const wishesBy = bodiesBy<Wishes, Wishes>('cbor', 1 << 20);

/** The rules of a hub, and time. Its producer `p` is there from the start. */
export class HubDesk extends QueueDesk {
  override readonly rules: HubRules;
  readonly #options: HubRulesOptions;
  #seq = 0;

  constructor(options: Partial<HubRulesOptions> = {}) {
    super();
    this.#options = { ...deskOptions, ...options };
    this.rules = new HubRules(this.#options);
    this.hello('p');
  }

  /** A producer says hello, as whom it says it is. */
  hello(peer: string, session = peer): string[] {
    const list = new ListWriter('hello').uint(VERSION).text(session);
    return this.say('producers', peer, [list.done()]);
  }

  /** The producer `p` puts items, all with the same wishes. */
  put(bodies: string, wishes?: Wishes): string[] {
    const puts = bodies.split(' ').map((body) => ({ body, wishes, seq: ++this.#seq }));
    return this.putAs('p', ...puts);
  }

  /** A producer puts items, in one message; it knows of all before `known`. */
  putAs(peer: string, ...puts: readonly Put[]): string[] {
    const list = new ListWriter('put').uint(puts[0]?.seq ?? 1);
    for (const { body, wishes, seq } of puts) {
      list.uint(seq).binary(bytesOf(body));
      if (wishes === undefined) list.nothing();
      else list.item(wishesBy.encode(wishes));
    }
    return this.say('producers', peer, [list.done()]);
  }

  /** A producer asks how items end, or wants them no more. */
  about(said: 'ask' | 'cancel', peer: string, ...items: readonly number[]): string[] {
    const list = new ListWriter(said);
    for (const n of items) list.uint(n);
    return this.say('producers', peer, [list.done()]);
  }

  /** A producer says that it will not come back. */
  bye(peer: string): string[] {
    return this.say('producers', peer, word('bye'));
  }

  /** The connection of a producer ends. */
  left(peer: string): string[] {
    return this.did(this.rules.left('producers', peer, this.now));
  }

  /** Whoever runs the hub cancels an item, or all. */
  cancel(n?: number): string[] {
    return this.did(this.rules.cancel(n));
  }

  /** Whoever runs the hub sends a dead letter again. */
  resend(n: number): string[] {
    return this.did(this.rules.resend(n, this.now));
  }

  /** The numbers of the dead letters. */
  letters(): number[] {
    return [...this.rules.queue.letters.all()].map(({ item }) => item.n);
  }

  /** A hub that goes on with what the store has kept, in a process whose time begins anew. */
  restarted(afterMs = 0, options: Partial<HubRulesOptions> = {}): HubDesk {
    const wallOffsetMs = this.#options.wallOffsetMs + this.now + afterMs - 1000;
    const desk = new HubDesk({ ...this.#options, wallOffsetMs, ...options });
    desk.kept.push(...this.kept);
    desk.did(desk.rules.adopt(recover(this.kept), desk.now));
    return desk;
  }

  protected toProducer(peer: string, value: Frames): string[] {
    const [said, ...rest] = read(value)?.list ?? [];
    const piece = (at: number): string => String(rest[at]);
    const words: string[] = [];
    if (said === 'accepted') {
      const pairs: string[] = [];
      for (let at = 0; at < rest.length; at += 2) pairs.push(`${piece(at)}=${piece(at + 1)}`);
      return [`accepted ${peer} ${pairs.join(' ')}`];
    }
    if (said === 'refused') {
      for (let at = 0; at < rest.length; at += 3) {
        words.push(`refused ${peer} ${piece(at)} ${piece(at + 1)}`);
      }
    } else if (said === 'outcome') {
      for (let at = 0; at < rest.length; at += 4) {
        const status = piece(at + 1);
        const detail = detailOf(status, rest[at + 3]);
        words.push(`outcome ${peer} ${piece(at)} ${status} ${detail}`.trim());
      }
    } else words.push(`${String(said)} ${peer}`);
    return words;
  }
}

function detailOf(status: string, body: unknown): string {
  if (status === 'done') return textOf(body);
  return (body as Uint8Array).length === 0 ? '' : decodeFailure(body as Uint8Array).code;
}
