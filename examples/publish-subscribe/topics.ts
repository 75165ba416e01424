/**
 * Publish and subscribe, what both halves know: the topics, and what is published on each.
 */

/** A type, not an interface, so that it is a map of topics. */
export type Topics = {
  /** Counts from 1. */
  readonly number: {
    /** How far it has counted. */
    readonly count: number;
    /** Something to make it heavy: 1 KB. */
    readonly ballast: string;
  };
};

/** How far the publisher counts as quickly as it can. */
export const MANY = 100_003;
