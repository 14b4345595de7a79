import type { Factory } from '../factory.ts';

/** What counting costs needs of a factory. */
export type CostParts = Pick<Factory, 'db' | 'targets' | 'prices'>;
