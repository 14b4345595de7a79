import type { KeyedQueue } from '../../platform/keyed-queue.ts';
import type { BuildParts } from '../builds/parts.ts';
import type { PriceTables } from '../costs/open-prices.ts';

/** What the steps of a creation work with. */
export interface CreationParts extends BuildParts {
  readonly prices: PriceTables;
  /** By a template's file: creations of one template write it one after the other. */
  readonly queue: KeyedQueue;
}
