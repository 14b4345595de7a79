/** What the steps of a build work with. */

import type { Journals } from '../../platform/workflows/journal.ts';
import type { Factory } from '../factory.ts';
import type { ConnectShell } from '../ssh/remote-shell.ts';
import type { ShellPool } from './shell-pool.ts';

export interface BuildParts extends Pick<Factory, 'db' | 'log' | 'now' | 'targets' | 'directories'> {
  readonly journals: Journals;
  readonly connect: ConnectShell;
  readonly shells: ShellPool;
  readonly ingotVersion: string;
  /** How long a machine may take until one can log in. */
  readonly bootPatienceMs: number;
  /** How long a validation that fails is tried again: services may still be starting. */
  readonly checkPatienceMs: number;
}
