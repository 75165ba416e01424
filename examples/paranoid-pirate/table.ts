/**
 * Table: what a person sees while the workers work and die: a table that changes on a terminal, one line for
 * each event elsewhere.
 */
import { clearScreenDown, moveCursor } from 'node:readline';
import Table from 'cli-table3';
import type { Crew, Member } from './crew.ts';

/** What is shown while the program runs. */
export interface View {
  /** Something has happened. */
  note(line: string): void;
  /** Shows the last state, and no more. */
  stop(): void;
}

// Often enough to see what happens.
const REDRAW_MS = 100;
// So that the table fits a terminal: those that started last.
const MOST_ROWS = 12;

/** A view on the standard output. `state` tells in a line how far the program is; it ends with that. */
export function viewOf(crew: Crew, state: () => string): View {
  const { stdout } = process;
  if (!stdout.isTTY) return { note: say, stop: () => say(state()) };
  let lines = 0;
  const draw = (): void => {
    const text = `${render(crew.members)}\n${state()}\n`;
    moveCursor(stdout, 0, -lines);
    clearScreenDown(stdout);
    stdout.write(text);
    lines = text.split('\n').length - 1;
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    note() {},
    stop() {
      clearInterval(timer);
      draw();
    },
  };
}

const say = (line: string): void => console.log(line);

function render(members: readonly Member[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }, // No lines between rows.
    head: ['worker', 'requests begun', ''],
    colAligns: ['left', 'right', 'left'],
  });
  table.push(...members.slice(-MOST_ROWS).map(row));
  return table.toString();
}

function row({ process: { pid }, begun, killed }: Member): string[] {
  const state = begun === 0 ? 'is starting' : 'at work';
  return [`process ${pid}`, String(begun), killed ? 'killed' : state];
}
