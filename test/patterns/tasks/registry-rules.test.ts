/**
 * Tests of the registry: which function an item asks for, and what is no task.
 */
import { describe, expect, test } from 'vitest';
import { readReason } from '../../../patterns/tasks/messages.ts';
import { Registry } from '../../../patterns/tasks/registry-rules.ts';

const add = (x: number, y: number): number => x + y;
const registry = new Registry({ add, total: add });

describe('an item', () => {
  test('is done by the function of its name, with its arguments', () => {
    const item = { task: 'add', args: [1, 2] };
    expect(registry.find(item)).toEqual({ kind: 'task', item, run: add });
  });

  const strangers = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'node:fs',
    '',
    'Add',
  ];
  test.each(strangers)('that asks for %j is refused: there is no such task', (task) => {
    const reason = `UNKNOWN_TASK: there is no task ${JSON.stringify(task)} here`;
    expect(registry.find({ task, args: [] })).toEqual({ kind: 'refused', reason });
  });

  test.each([null, undefined, 5, 'add', [], ['add', [1, 2]], { args: [] }, { task: ['add'] }])(
    'that is none, such as %j, is refused',
    (item) => {
      expect(registry.find(item)).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^UNKNOWN_TASK: there is no task .* here$/),
      });
    },
  );

  test.each([
    [undefined, 'undefined'],
    [{ length: 2, 0: 1, 1: 2 }, 'an object'],
    ['12', '"12"'],
  ])('whose arguments are %j is refused', (args, shown) => {
    const reason = `BAD_ARGUMENTS: the arguments of add must be an array, got ${shown}`;
    expect(registry.find({ task: 'add', args })).toEqual({ kind: 'refused', reason });
  });
});

describe('a registry', () => {
  test('knows the functions that there were when it was made', () => {
    const functions: Record<string, () => number> = { one: () => 1 };
    const own = new Registry(functions);
    functions['two'] = () => 2;
    expect(own.names).toEqual(['one']);
    expect(own.find({ task: 'two', args: [] })).toMatchObject({ kind: 'refused' });
  });

  test('may hold a task by any name of its own', () => {
    const own = new Registry(JSON.parse('{ "__proto__": 1, "constructor": 2, "then": 3 }'));
    expect(own.names).toEqual(['__proto__', 'constructor', 'then']);
    expect(own.find({ task: '__proto__', args: [] })).toMatchObject({ run: 1 });
  });

  test('does not take what its functions inherit', () => {
    const own = new Registry(Object.create({ inherited: add }));
    expect(own.find({ task: 'inherited', args: [] })).toMatchObject({ kind: 'refused' });
  });
});

test.each([
  ['UNKNOWN_TASK: there is no task "a" here', 'UNKNOWN_TASK', 'there is no task "a" here'],
  ['BAD_ARGUMENTS: two\nlines', 'BAD_ARGUMENTS', 'two\nlines'],
  ['no such user: 5', 'DISCARDED', 'no such user: 5'],
  ['', 'DISCARDED', ''],
])('the reason %j is read as %s', (reason, code, message) => {
  expect(readReason(reason)).toEqual({ code, message });
});
