/**
 * Service mutants: mistakes that somebody could make in the rules of the service, each with the test that must notice.
 */
import type { Mutant } from './mutants.ts';

const pattern = 'patterns/service';
const calls = `${pattern}/calls-rules.ts`;
const client = `${pattern}/client-rules.ts`;
const link = `${pattern}/link-rules.ts`;
const jobs = `${pattern}/jobs-rules.ts`;
const replies = `${pattern}/replies-rules.ts`;
const server = `${pattern}/server-rules.ts`;

const tests = 'test/patterns/service';
const asked = `${tests}/client-calls-rules.test.ts`;
const losses = `${tests}/client-losses-rules.test.ts`;
const links = `${tests}/client-links-rules.test.ts`;
const hold = `${tests}/client-hold-rules.test.ts`;
const served = `${tests}/server-jobs-rules.test.ts`;
const keys = `${tests}/server-keys-rules.test.ts`;
const drain = `${tests}/server-drain-rules.test.ts`;
const weeks = { test: `${tests}/simulation.test.ts`, named: 'in the first' };

/** Those of the service. */
export const serviceMutants: readonly Mutant[] = [
  {
    name: 'an answer to an earlier attempt at a call is taken',
    file: calls,
    from: '    call.number = this.#table.nextNumber();\n    this.#table.put(call);\n  }',
    to: '    this.#table.put(call);\n  }',
    test: losses,
    named: 'is answered later by that server: that is counted',
  },
  {
    isSeldom: true,
    name: 'the answer of a server that was not asked is taken',
    file: calls,
    from: 'call !== undefined && call.link === link && call.isAway',
    to: 'call !== undefined && call.isAway',
    test: asked,
    named: 'that is answered by a server that was not asked goes on',
  },
  {
    name: 'a call that may not be repeated is repeated',
    file: calls,
    from: "call.asked.kind === 'call' && call.hasRetries",
    to: "call.asked.kind === 'call'",
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'retries cost nothing',
    file: calls,
    from: 'this.#isRepeatable(call) && this.#budget.withdraw()',
    to: 'this.#isRepeatable(call)',
    test: losses,
    named: 'is not asked again when all retries together are too many',
  },
  {
    isSeldom: true,
    name: 'a call is always said not to have run',
    file: `${pattern}/call-rules.ts`,
    from: "this.departures > 0 ? 'maybe' : 'no'",
    to: "this.departures > 99 ? 'maybe' : 'no'",
    ...weeks,
  },
  {
    name: 'what has not left counts as left',
    file: calls,
    from: '      call.departures -= 1;\n      call.attempts -= 1;\n',
    to: '',
    test: losses,
    named: 'has not run, if it never leaves',
  },
  {
    isSeldom: true,
    name: 'what was refused may have run',
    file: calls,
    from: '    call.departures -= 1;\n    call.refusedBy',
    to: '    call.refusedBy',
    test: losses,
    named: 'is refused, if it may not be repeated, and has not run',
  },
  {
    name: 'the calls of a lost server are forgotten',
    file: client,
    from: '    this.calls.lose(link);\n',
    to: '',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'a server is not told what nobody waits for any more',
    file: calls,
    from: 'this.#links.letterTo(link, now).add(entry.cancel).uint(call.number);',
    to: 'this.#links.letterTo(link, now);',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'a server is heard between two connections',
    file: client,
    from: "link.stage === 'down') return NONE;",
    to: "link.port === '') return NONE;",
    test: links,
    named: 'is not listened to between two connections',
  },
  {
    name: 'a silent server is never lost',
    file: link,
    from: "else if (now >= this.#diesAt) return 'lose';",
    to: 'else if (now >= this.#diesAt) this.heard(now);',
    test: links,
    named: 'is lost by when it was last heard of',
  },
  {
    isSeldom: true,
    name: 'a client that has slept takes its servers for silent',
    file: link,
    from: 'if (now - this.#diesAt > this.#heartbeatMs / 2)',
    to: 'if (now - this.#diesAt > Infinity)',
    test: links,
    named: 'is forgiven once by a client that has slept',
  },
  {
    isSeldom: true,
    name: 'a draining server is asked more',
    file: link,
    from: "return this.stage === 'up' && !this.isDropped;",
    to: 'return this.isMet && !this.isDropped;',
    test: links,
    named: 'is asked nothing more, and told so when it has answered all',
  },
  {
    name: 'a draining server is told to go before it has answered all',
    file: `${pattern}/links-rules.ts`,
    from: 'link.isLeaving && link.inFlight === 0',
    to: 'link.isLeaving && (link.inFlight === 0 || !link.isDropped)',
    test: links,
    named: 'is asked nothing more, and told so when it has answered all',
  },
  {
    isSeldom: true,
    name: 'a server is not told again who the client is',
    file: client,
    from: '    writeHello(this.links.letterTo(link, now), this.#greeting);\n',
    to: '    if (link.asked === 0) writeHello(this.links.letterTo(link, now), this.#greeting);\n',
    ...weeks,
  },
  {
    name: 'what has waited for too long is begun',
    file: jobs,
    from: '      if (now < served.came.deadline && served.hasRoom) {',
    to: '      if (served.hasRoom) {',
    test: served,
    named: 'before it has begun is not begun, and its client hears of it',
  },
  {
    isSeldom: true,
    name: 'there is room for any number in line',
    file: jobs,
    from: 'this.depth >= maxQueued + free',
    to: 'this.depth >= 1000 * maxQueued + free',
    ...weeks,
  },
  {
    name: 'a key is not shared while the first call with it is at work',
    file: replies,
    from: "      known.waiting.add(call);\n      return 'waits';",
    to: "      return 'first';",
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'an answer is kept for ever',
    file: replies,
    from: 'if (known?.answer !== undefined && known.diesAt <= now)',
    to: 'if (known?.answer !== undefined && known.diesAt <= 0)',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'an answer is not kept at all',
    file: replies,
    from: '      if (known.answer !== undefined) return known.answer;\n',
    to: "      if (known.answer !== undefined) return 'first';\n",
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'whoever waits for an effect that has not happened is forgotten',
    file: jobs,
    from: '    this.#leaves(next);\n    this.#enlist(next);\n',
    to: '    this.#leaves(next);\n',
    test: keys,
    named: 'that is cancelled before it has begun leaves the effect to the other',
  },
  {
    name: 'a stream gives more than there is room for',
    file: server,
    from: '    served.credit -= 1;\n',
    to: '',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'values that a stream has lost on their way are not missed',
    file: `${pattern}/heard-rules.ts`,
    from: '  if (at !== call.came) return calls.breakOff(call, now);\n',
    to: '',
    test: asked,
    named: 'of which values were lost before another is broken off there',
  },
  {
    isSeldom: true,
    name: 'a server that drains goes while a handler is at work',
    file: server,
    from: "this.#drain !== 'going on' || !this.jobs.isIdle",
    to: "this.#drain !== 'going on'",
    test: drain,
    named: 'carries out what was asked before its clients knew',
  },
  {
    isSeldom: true,
    name: 'a server that drains goes before it has said all',
    file: server,
    from: '[...out, ...this.#sessions.flush(), tell(',
    to: '[...out, tell(',
    test: drain,
    named: 'has said all that it has to say before it is done',
  },
  {
    isSeldom: true,
    name: 'a silent client is never lost',
    file: `${pattern}/sessions-rules.ts`,
    from: '    return this.#liveness.bury(now);\n',
    to: '    return this.#liveness.bury(now).slice(1);\n',
    test: `${tests}/server-clients-rules.test.ts`,
    named: 'is lost by when it was last heard of',
  },
  {
    isSeldom: true,
    name: 'a client is believed that it has read what it was not told',
    file: `${pattern}/session-rules.ts`,
    from: ' && bytes <= this.#marked',
    to: '',
    test: `${tests}/server-unread-rules.test.ts`,
    named: 'may not have read more than it was asked for',
  },
  {
    isSeldom: true,
    name: 'a client is not asked how far it has read',
    file: `${pattern}/session-rules.ts`,
    from: '      this.letter.add(entry.mark).uint(said);\n',
    to: '',
    test: `${tests}/server-unread-rules.test.ts`,
    named: 'is a stream that rests, and goes on when its client has read',
  },
  {
    name: 'what is held leaves only when something else is due',
    file: `${pattern}/links-rules.ts`,
    from: 'Math.min(this.#lookAt, this.#opensAt)',
    to: 'this.#lookAt',
    test: hold,
    named: 'waits for a millisecond at most',
  },
  {
    isSeldom: true,
    name: 'a full message is not noted as one that leaves',
    file: `${pattern}/links-rules.ts`,
    from: '    link.hold.leaves(now);\n    return',
    to: '    return',
    test: hold,
    named: 'that is full leaves at once',
  },
  {
    isSeldom: true,
    name: 'the last answer of a message counts, and not the quickest',
    file: `${pattern}/hold-rules.ts`,
    from: 'Math.min(ms, this.#quickestMs)',
    to: 'ms',
    test: hold,
    named: 'waits as the quickest',
  },
  {
    isSeldom: true,
    name: 'what was held is due although it has gone another way',
    file: `${pattern}/links-rules.ts`,
    from: '    this.#opensAt = Infinity; // What was held may have gone another way.\n',
    to: '',
    test: hold,
    named: 'leaves with the good-bye',
  },
];
