/**
 * Queue mutants: mistakes that somebody could make in the rules of the work queue, each with the test that must
 * notice.
 */
import type { Mutant } from './mutants.ts';

const pattern = 'patterns/work-queue';
const queue = `${pattern}/queue-rules.ts`;
const workers = `${pattern}/workers-rules.ts`;
const producers = `${pattern}/producers-rules.ts`;

const tests = 'test/patterns/work-queue';
const items = `${tests}/hub-items.test.ts`;
const crew = `${tests}/hub-workers.test.ts`;
const senders = `${tests}/hub-producers.test.ts`;
const outcomes = `${tests}/hub-outcomes.test.ts`;
const time = `${tests}/hub-time.test.ts`;
const store = `${tests}/hub-store.test.ts`;
const losses = `${tests}/hub-losses.test.ts`;

/** Those of the work queue. */
export const queueMutants: readonly Mutant[] = [
  {
    name: 'an item is accepted before the store has it',
    file: queue,
    from: 'if (this.#limits.isForgetful === true) this.#accept(item, now);',
    to: 'this.#owner.accepted(item);\n    if (item.n < 0) this.#accept(item, now);',
    test: store,
    named: 'an item is not accepted, not counted, and given to nobody',
  },
  {
    name: 'the end of an item is told before the store has it',
    file: queue,
    from: '    else this.release(item);\n',
    to: '    else this.release(item);\n    this.#owner.ended(item, item.ending, 0);\n',
    test: store,
    named: 'the end of an item is not told, and not counted',
  },
  {
    isSeldom: true,
    name: 'an item ends twice',
    file: queue,
    from: "if (item.stage === 'ending' || item.stage === 'over') return;",
    to: '',
    test: store,
    named: 'an item that has ended does not end again',
  },
  {
    isSeldom: true,
    name: 'what the store could not keep is forgotten',
    file: `${pattern}/journal-rules.ts`,
    from: '[...again, ...this.#open]',
    to: '[...this.#open]',
    test: store,
    named: 'is tried again after a while with what must not be lost',
  },
  {
    name: 'what had not ended is lost when a hub is started again',
    file: `${pattern}/recovery-rules.ts`,
    from: 'items: [...items.values()]',
    to: 'items: []',
    test: `${tests}/hub-restart.test.ts`,
    named: 'gives out what had not ended, in order',
  },
  {
    name: 'a dead letter is not kept',
    file: queue,
    from: "if (ending.status === 'failed') this.#bury",
    to: "if (ending.status === 'lost') this.#bury",
    test: items,
    named: 'may be tried as often as its producer says',
  },
  {
    isSeldom: true,
    name: 'a dead letter is dropped before the item it is sent as is stored',
    file: queue,
    from: 'letter.sentAs = this.put(body, again, owner, now, letter);',
    to: 'letter.sentAs = this.put(body, again, owner, now, letter);\n    this.#drop(n);',
    test: store,
    named: 'leaves a dead letter where it is',
  },
  {
    name: 'an answer to an earlier attempt at an item is accepted',
    file: workers,
    from: 'item?.hand !== hand || item.attempts !== attempt',
    to: 'item?.hand !== hand',
    test: crew,
    named: 'to an earlier attempt is refused and counted',
  },
  {
    name: 'whoever has answered is given nothing more',
    file: workers,
    from: '    this.hands.settle(hand);\n    if (!hand.isLeaving',
    to: '    if (!hand.isLeaving',
    test: crew,
    named: 'never beyond the credit, and again when something has been answered',
  },
  {
    isSeldom: true,
    name: 'an item that was given back counts as tried',
    file: queue,
    from: '    item.attempts -= 1;\n',
    to: '',
    test: crew,
    named: 'go to another as they stood, and no attempt is counted',
  },
  {
    name: 'what a lost worker held is dealt with others',
    file: queue,
    from: 'item.isSuspect = true;',
    to: 'item.isSuspect = false;',
    test: losses,
    named: 'go to a worker that has nothing else, one at a time',
  },
  {
    name: 'a worker that comes late is given nothing',
    file: `${pattern}/hands-rules.ts`,
    from: 'if (place < this.#least) this.#least = place;',
    to: '',
    test: crew,
    named: 'to a worker that came late as soon as to the others',
  },
  {
    name: 'an item whose handler throws is tried once more than it may be',
    file: queue,
    from: 'if (item.attempts >= item.order.maxAttempts) {',
    to: 'if (item.attempts > item.order.maxAttempts) {',
    test: items,
    named: 'may be tried as often as the queue says, and is a dead letter then',
  },
  {
    isSeldom: true,
    name: 'an item that kills workers is tried once more than it may be',
    file: queue,
    from: 'if (item.attempts >= item.order.maxAttempts) this.end',
    to: 'if (item.attempts > item.order.maxAttempts) this.end',
    test: losses,
    named: 'are tried as often as any',
  },
  {
    isSeldom: true,
    name: 'an item whose handler throws is tried again at once',
    file: queue,
    from: 'now + backoffMs(item.attempts, backoff, random())',
    to: 'now',
    test: items,
    named: 'is tried again after a while, and not before',
  },
  {
    name: 'an item that was cancelled is given to a worker',
    file: `${pattern}/line-rules.ts`,
    from: "} else if (item.stage === 'ready') {",
    to: '} else if (item.n > 0) {',
    test: items,
    named: 'while it waits is given to nobody',
  },
  {
    name: 'deadlines are not kept',
    file: `${pattern}/backlog-rules.ts`,
    from: 'if (expiresAt < Number.POSITIVE_INFINITY) this.#agenda.put(item, expiresAt);',
    to: '',
    test: time,
    named: 'expires when its time is over, and not before',
  },
  {
    isSeldom: true,
    name: 'an item whose time is over is given to a worker',
    file: `${pattern}/hub-rules.ts`,
    from: 'this.queue.tick(now); // Nobody is given what has expired by now.',
    to: '',
    test: time,
    named: 'is not given to a worker that is free before anybody has looked',
  },
  {
    isSeldom: true,
    name: 'the less urgent of two items goes first',
    file: `${pattern}/line-rules.ts`,
    from: 'if (priority > this.#highest)',
    to: 'if (priority < this.#highest)',
    test: time,
    named: 'the greater goes first, and among equals the older',
  },
  {
    name: 'items with the same key are done at once',
    file: `${pattern}/turns-rules.ts`,
    from: 'return line === undefined || line.first === item;',
    to: 'return line === undefined || line.first !== undefined;',
    test: time,
    named: 'are done one after the other, in order',
  },
  {
    isSeldom: true,
    name: 'the next item of a key begins while a worker still has one that was cancelled',
    file: queue,
    from: '    else this.release(item);\n',
    to: '    this.backlog.release(item);\n',
    test: time,
    named: 'wait for a worker that has not let go of one that was cancelled',
  },
  {
    name: 'an item that is put again after a reconnect is taken on twice',
    file: producers,
    from: 'const n = session.items.get(seq);',
    to: 'const n = session.items.get(-seq);',
    test: senders,
    named: 'after a reconnect is known, and not taken on twice',
  },
  {
    isSeldom: true,
    name: 'the end of an item is told before its acceptance',
    file: `${pattern}/sessions-rules.ts`,
    from: "[] = ['accepted', 'refused', 'outcome'];",
    to: "[] = ['outcome', 'refused', 'accepted'];",
    test: outcomes,
    named: 'when other ends were to be told already',
  },
  {
    name: 'a worker that leaves does not give back what it has not begun',
    file: `${pattern}/worker-rules.ts`,
    from: 'of this.#jobs.giveAllBack()) back.uint(n).uint(attempt);',
    to: 'of this.#jobs.giveAllBack()) void [n, attempt];',
    test: `${tests}/worker-rules.test.ts`,
    named: 'gives back what it has not begun, finishes the rest',
  },
  {
    isSeldom: true,
    name: 'a producer does not send again what was not answered',
    file: `${pattern}/producer-rules.ts`,
    from: 'for (const [seq, put] of this.#unanswered.entries()) out.push(...this.#write(seq, put));',
    to: '',
    test: `${tests}/producer-rules.test.ts`,
    named: 'sends again what was not answered, under the same numbers',
  },
  {
    isSeldom: true,
    name: 'a source is read on although nobody reads the outcomes',
    file: `${pattern}/fan-out-rules.ts`,
    from: 'this.#options.maxUnread - this.#unread - stock.size',
    to: 'this.#options.maxUnread - stock.size',
    test: `${tests}/fan-out-rules.test.ts`,
    named: 'is not read while outcomes are not',
  },
];
