/**
 * A cloud that is killed at a step of its own: every write to the database and every command that changes
 * something on the node is two steps, before it is done and after. From the step on nothing that it does has an effect, as if its process
 * were gone; opening the same folder again goes on from what is there.
 */

import type { NodeContract } from '../../node/contract.ts';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import type { NodeId } from '../../platform/ids.ts';
import type { CloudOptions } from '../open-cloud.ts';
import type { Schema } from '../schema.ts';
import type { TestNode } from './open-test-cloud.ts';

export interface KillSwitch {
  readonly node: TestNode;
  readonly openDatabase: NonNullable<CloudOptions['openDatabase']>;
  /** Kills it at this step from now on, counted from 1. */
  arm(step: number): void;
  disarm(): void;
  /** Settles when it is killed. */
  readonly struck: Promise<void>;
}

const changes: ReadonlySet<string> = new Set<keyof NodeContract>([
  'abandonBlockWrite',
  'attachVolume',
  'completeBlockWrite',
  'copySnapshot',
  'createLayer',
  'deleteLayers',
  'deleteStoredSnapshots',
  'detachVolume',
  'fetchLayer',
  'growLayer',
  'importFile',
  'ingestSnapshot',
  'putStoredImage',
  'rebootMachine',
  'recordBoot',
  'removeMachine',
  'setPorts',
  'snapshotVolumes',
  'startBlockWrite',
  'startMachine',
  'stopMachine',
  'writeBlock',
]);

export function killSwitch(): KillSwitch {
  let left = Number.POSITIVE_INFINITY;
  let killed = false;
  const struck = Promise.withResolvers<void>();
  const step = () => {
    left -= 1;
    if (left <= 0) {
      killed = true;
      struck.resolve();
    }
    if (killed) throw new Error('the process was killed');
  };
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step();
    return result;
  };
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const commands = Object.entries(node).map(([name, command]) => [
    name,
    changes.has(name)
      ? (request: unknown) => watched(() => (command as (given: unknown) => Promise<unknown>)(request))
      : command,
  ]);
  return {
    node: Object.fromEntries(commands) as TestNode,
    openDatabase: async (file, migrations): Promise<Database<Schema>> => {
      left = Number.POSITIVE_INFINITY;
      killed = false;
      const db = await openDatabase<Schema>(file, migrations);
      return { ...db, write: (work) => watched(() => db.write(work)) };
    },
    arm: (steps) => {
      left = steps;
    },
    disarm: () => {
      left = Number.POSITIVE_INFINITY;
    },
    struck: struck.promise,
  };
}
