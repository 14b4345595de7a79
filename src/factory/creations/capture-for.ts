import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import type { CreationRequest } from './creation.ts';
import type { Capture } from './creation-input.ts';

/** How the point in time is taken: by what was asked for, and by what the target can do. */
export function captureFor(
  { kind, consistency, noReboot = false }: Pick<CreationRequest, 'kind' | 'consistency' | 'noReboot'>,
  target: Pick<Target, 'name' | 'kind'>,
): Capture {
  if (noReboot && consistency === 'stopped') {
    throw new FactoryError('invalid', 'A machine that is not rebooted is not stopped either: choose one');
  }
  switch (consistency) {
    case 'stopped':
      return { way: 'stopped' };
    case 'crash':
      return { way: 'running' };
    case 'filesystem':
      if (target.kind === 'aws') {
        throw new FactoryError(
          'invalid',
          `${target.name} has no way to freeze a machine's file systems: give stopped, or crash`,
        );
      }
      return { way: 'running', required: 'filesystem' };
    case 'auto':
      if (noReboot) return { way: 'running' };
      // The built-in cloud freezes the file systems of a running machine; another EC2 has to stop it.
      return { way: kind === 'save' && target.kind !== 'local' ? 'stopped' : 'reboot' };
    default:
      return consistency satisfies never;
  }
}
