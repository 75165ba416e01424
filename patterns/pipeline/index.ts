/**
 * Pipeline: spread items over workers, and collect every result. See README.md beside this file.
 */
export { type Sink, type SinkOptions, type SinkStats, startSink } from './sink.ts';
export type { Result } from './sink-rules.ts';
export {
  startVentilator,
  type Ventilator,
  type VentilatorOptions,
  type VentilatorStats,
} from './ventilator.ts';
export {
  type HandlerContext,
  startWorker,
  type Worker,
  type WorkerOptions,
  type WorkerStats,
} from './worker.ts';
