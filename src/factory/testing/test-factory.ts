/** A factory without workflows: a database of its own, on a test target. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../platform/database/database.ts';
import { silentLog } from '../../platform/log.ts';
import { openPrices } from '../costs/open-prices.ts';
import type { Factory } from '../factory.ts';
import { type FactorySchema, migrations } from '../schema.ts';
import { openTargets } from '../targets/open-targets.ts';
import type { TestTarget } from './test-target.ts';

export interface TestFactory {
  readonly factory: Factory;
  /** Where its templates are looked for; absolute. */
  readonly templates: string;
  readonly directory: string;
  close(): Promise<void>;
}

export async function openTestFactory(cloud: TestTarget, now = () => new Date()): Promise<TestFactory> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-factory-'));
  const templates = join(directory, 'templates');
  await mkdir(templates);
  const db = await openDatabase<FactorySchema>(join(directory, 'factory.db'), migrations);
  const { regions } = cloud.target;
  const { url: endpoint, credentials } = cloud;
  const targets = openTargets({ directory, local: { endpoint, credentials, regions } });
  const factory = {
    ...{ db, log: silentLog, now, targets },
    directories: {
      templates: [templates],
      builds: join(directory, 'builds'),
      secrets: join(directory, 'secrets'),
    },
    registries: { locations: [], directory: join(directory, 'registries'), now },
    prices: openPrices({ directory, targets }),
  } as unknown as Factory;
  return {
    factory,
    templates,
    directory,
    close: async () => {
      await db.close();
      await rm(directory, { recursive: true });
    },
  };
}
