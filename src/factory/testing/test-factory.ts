/** A factory in a home of its own, on a test target. Its machines have nobody who answers SSH, unless told. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../platform/log.ts';
import { type FactoryOptions, type OpenFactory, openFactory } from '../open-factory.ts';
import type { TestTarget } from './test-target.ts';

export interface TestFactory {
  readonly factory: OpenFactory;
  /** Where its templates are looked for; absolute. */
  readonly templates: string;
  readonly directory: string;
  close(): Promise<void>;
}

export async function openTestFactory(
  { url: endpoint, credentials, target }: Pick<TestTarget, 'url' | 'credentials' | 'target'>,
  options: Partial<FactoryOptions> = {},
): Promise<TestFactory> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-factory-'));
  const templates = join(directory, 'templates');
  await mkdir(templates);
  const factory = await openFactory({
    home: directory,
    local: { endpoint, credentials, regions: target.regions },
    parallelBuilds: 1,
    log: silentLog,
    ...options,
  });
  return {
    factory,
    templates,
    directory,
    close: async () => {
      await factory.close();
      await rm(directory, { recursive: true });
    },
  };
}
