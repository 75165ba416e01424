/**
 * What simulated clients ask for: calls, streams and events, some of which do not go well.
 */
import type { SimNode } from '../../../src/testing/index.ts';
import type { Knobs } from './sim-knobs.ts';
import type { Errand, Kind } from './sim-ledger.ts';

const troubles: readonly Kind[] = ['throws', 'hangs', 'late', 'bad'];

/** Draws one of several. */
export function pickFrom<T>(node: SimNode, values: readonly T[]): T {
  return values[Math.floor(node.random() * values.length)] as T;
}

/** Draws an errand. */
export function drawErrand(
  label: string,
  node: SimNode,
  { trouble, keys, retries }: Pick<Knobs, 'trouble' | 'keys' | 'retries'>,
): Errand {
  const method = pickFrom(node, ['call', 'call', 'call', 'call', 'stream', 'event'] as const);
  const isTroubled = node.random() < trouble;
  const kind = isTroubled ? pickFrom(node, troubles) : pickFrom(node, ['quick', 'plain'] as const);
  const isKeyed = method === 'call' && node.random() < 0.4;
  const isIdempotent = isKeyed || node.random() < 0.5;
  return {
    label,
    method,
    kind,
    key: isKeyed ? `k${Math.floor(node.random() * keys)}` : undefined,
    retries: method === 'call' && isIdempotent ? retries : 0,
    timeoutMs: 100 + Math.floor(node.random() ** 2 * 4000),
    count: Math.floor(node.random() * 8),
    isCalm: false,
    askedAt: 0,
    begun: 0,
    end: undefined,
    hasNotRun: false,
    stops: new Set(),
  };
}
