/**
 * Drain: closes a server, or anything else that is at work, when its process is told to end.
 */
import { type Checks, checkOptions, surface } from 'brokerless/kit';

/** What may be said of it. */
export interface CloseOnSignalOptions {
  /** The signals that are heeded. Default `['SIGTERM', 'SIGINT']`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
}

const checks: Checks<CloseOnSignalOptions> = {
  signals: (value) => (Array.isArray(value) && value.length > 0 ? undefined : 'a filled array'),
};

/**
 * Closes it at the first of these signals, which for a server means: it takes no more, finishes what it has, answers,
 * and is gone; the process then ends by itself. A second signal ends the process at once, as if nobody listened.
 * Returns what takes this back.
 *
 * @throws BrokerlessError `BAD_OPTION`.
 */
export function closeOnSignal(
  running: { close(): Promise<unknown> },
  options: CloseOnSignalOptions = {},
): () => void {
  checkOptions('closeOnSignal', options, checks);
  const { signals = ['SIGTERM', 'SIGINT'] } = options;
  const forget = (): void => {
    for (const signal of signals) process.off(signal, close);
  };
  const close = (): void => {
    forget();
    running.close().catch(surface);
  };
  for (const signal of signals) process.on(signal, close);
  return forget;
}
