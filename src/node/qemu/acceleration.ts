import type { Architecture } from '../../platform/ids.ts';
import type { Log } from '../../platform/log.ts';
import type { ArchitectureFacts } from '../contract.ts';
export interface Acceleration {
  of(architecture: Architecture): Pick<ArchitectureFacts, 'acceleration' | 'reason'>;
  close(): Promise<void>;
}
export function openAcceleration(_options: {
  readonly log: Log;
  readonly cacheFile: string;
  readonly probeKernel?: string;
}): Acceleration {
  return { of: () => ({ acceleration: 'tcg', reason: 'not yet probed' }), close: async () => undefined };
}
