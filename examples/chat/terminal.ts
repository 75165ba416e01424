/**
 * Chat, a terminal: what is shown while somebody types does not get mixed up with it. Works with pipes, too.
 */
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';

const { stdin: input, stdout: output } = process;

/** The terminal of this process. */
export class Terminal {
  readonly #isOne = input.isTTY && output.isTTY;
  readonly #keyboard = createInterface({ input, output, terminal: this.#isOne, prompt: '' });

  /** Prints a line, and below it what is being typed. */
  show(line: string): void {
    this.#clear(0);
    console.log(line);
    this.#keyboard.prompt(true);
  }

  /** The lines that are typed, until the keyboard is closed, by Ctrl+D or Ctrl+C. They do not stay on the screen. */
  async *lines(): AsyncGenerator<string> {
    for await (const line of this.#keyboard) {
      this.#clear(-1);
      yield line;
    }
  }

  /** Clears the line that the cursor is in, or one above it. */
  #clear(rows: number): void {
    if (!this.#isOne) return;
    moveCursor(output, 0, rows);
    cursorTo(output, 0);
    clearScreenDown(output);
  }
}
