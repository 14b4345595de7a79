/** A registry on a real database in a folder of its own, and versions to put into it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../../platform/database/database.ts';
import { type FactorySchema, migrations } from '../../schema.ts';
import { recordVersion } from '../record-version.ts';
import type { BootProof, NewVersion } from '../version.ts';

export interface TestRegistry {
  readonly db: Database<FactorySchema>;
  /** Records it, and answers its image's id. */
  add(version: Partial<NewVersion> & { readonly version: string }): Promise<string>;
  close(): Promise<void>;
}

export const proof: BootProof = {
  bootMs: 4000,
  sshMs: 6000,
  validations: [{ name: 'web answers', status: 'passed', output: 'ok' }],
  consoleTail: 'login:',
  at: '2026-01-01T00:00:00.000Z',
};

export async function openTestRegistry(): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-registry-'));
  const db = await openDatabase<FactorySchema>(join(directory, 'factory.db'), migrations);
  let made = 0;
  return {
    db,
    add: async (given) => {
      made++;
      const version = newVersion({
        imageId: `ami-${made.toString(16).padStart(17, '0')}`,
        createdAt: new Date(Date.UTC(2026, 0, 1, 0, made)).toISOString(),
        ...given,
      });
      await recordVersion(db, version);
      return version.imageId;
    },
    close: async () => {
      await db.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Of the template `web`, proven, in us-east-1 of the target `local`, unless told. */
export function newVersion(given: Partial<NewVersion> & { readonly version: string }): NewVersion {
  return {
    template: 'web',
    region: 'us-east-1',
    architecture: 'x86_64',
    target: 'local',
    imageId: 'ami-00000000000000001',
    snapshotIds: ['snap-00000000000000001'],
    createdAt: '2026-01-01T00:00:00.000Z',
    validated: true,
    sizeGiB: 8,
    origin: 'built',
    proof,
    ...given,
  };
}
