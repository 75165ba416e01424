/**
 * Mail, a worker: hands messages to an SMTP server. Started by main.ts.
 *
 *     worker.ts WORKERS SMTP_PORT
 *
 * In Python this is a Celery task around `smtplib`, with `autoretry_for` and `retry_backoff`. Here whatever is thrown
 * has the message tried again, later and later.
 */
import { leaveWithParent, startQueueWorker } from 'brokerless/patterns/work-queue';
import { createTransport } from 'nodemailer';

/** A message to be sent. */
export interface Mail {
  /** Who gets it. */
  readonly to: string;
  /** What it is about. */
  readonly subject: string;
  /** What it says. */
  readonly text: string;
}

const [queue = '', port] = process.argv.slice(2);
leaveWithParent();
const smtp = createTransport({ host: '127.0.0.1', port: Number(port), ignoreTLS: true });

await startQueueWorker({
  queue,
  concurrency: 4,
  // Killed between the server's answer and its own, it sends a message twice: by its name that can be told.
  handler: async ({ to, subject, text }: Mail, { id }) => {
    const from = 'shop@example.org';
    const messageId = `<${id}@example.org>`;
    const { response } = await smtp.sendMail({ from, to, subject, text, messageId });
    return response;
  },
});
