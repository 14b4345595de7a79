/** Retention to try: a whole factory's database in a folder of its own, and a clock that is set by hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../platform/database/database.ts';
import { silentLog } from '../../../platform/log.ts';
import type { Factory } from '../../factory.ts';
import { type FactorySchema, migrations } from '../../schema.ts';
import type { Target } from '../../targets/target.ts';
import { type RetentionSettings, usualRetention } from '../settings.ts';

export interface TestRetention {
  readonly factory: RetentionFactory;
  readonly directory: string;
  wait(days: number): void;
  close(): Promise<void>;
}

export type RetentionFactory = Pick<
  Factory,
  'db' | 'log' | 'now' | 'targets' | 'directories' | 'prices' | 'retention'
>;

const dayMs = 86_400_000;

export async function openTestRetention(
  target: Target,
  settings: Partial<RetentionSettings> = {},
): Promise<TestRetention> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-retention-'));
  const db = await openDatabase<FactorySchema>(join(directory, 'factory.db'), migrations);
  let now = new Date();
  const templates = join(directory, 'templates');
  return {
    directory,
    factory: {
      db,
      log: silentLog,
      now: () => now,
      targets: {
        get: async () => target,
        describe: async () => ({ targets: [target], mistakes: [] }),
      } as unknown as Factory['targets'],
      directories: { templates: [templates], builds: directory, secrets: join(directory, 'secrets') },
      prices: {
        of: async () => ({ storagePerGiBMonth: () => 0.05 }),
        fetchedFile: '',
      } as unknown as Factory['prices'],
      retention: { ...usualRetention, ...settings },
    },
    wait: (days) => {
      now = new Date(now.getTime() + days * dayMs);
    },
    close: async () => {
      await db.close();
      await rm(directory, { recursive: true });
    },
  };
}
