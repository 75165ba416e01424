/**
 * Freezes a worker of the word count and then dismisses the crew: this process can only end if that
 * worker does too.
 */
import { readFileSync } from 'node:fs';
import { Crew } from '../../../examples/word-count/crew.ts';

{
  using crew = new Crew(1, ['tcp://127.0.0.1:9', 'tcp://127.0.0.1:9']);
  for (const pid of crew.pids) {
    process.kill(pid, 'SIGSTOP');
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T '));
  }
}
