import { isShared } from '../builds/steps/share-image.ts';
import type { CreationInput, CreationResults } from './creation-input.ts';

export type StepName = keyof CreationResults;

const proving: readonly StepName[] = [
  'proof access',
  'proof machine',
  'proof',
  'packages',
  'proof machine removed',
];

/** Which steps a creation takes, in order. Nobody hears of the image before the last of them. */
export function stepNames({
  capture,
  prove,
  copyTo,
  share,
  registered,
  retries,
}: CreationInput): readonly StepName[] {
  const announcing: readonly StepName[] = [
    ...(copyTo.length > 0 ? (['copies'] as const) : []),
    ...(isShared(share) ? (['share'] as const) : []),
    ...(registered === undefined ? [] : (['template', 'register'] as const)),
  ];
  if (retries !== undefined) return ['image', ...announcing];
  // The machine runs again before the image is waited for.
  const taking: readonly StepName[] =
    capture.way === 'stopped' ? ['stopped', 'taken', 'started', 'image'] : ['taken', 'image'];
  return ['base', ...taking, ...(prove ? proving : []), ...announcing];
}
