/** The factory of a home: its database, its targets, and its workflows, which go on where the last process left them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../platform/database/database.ts';
import { keyedQueue } from '../platform/keyed-queue.ts';
import type { Log } from '../platform/log.ts';
import { packageFacts } from '../platform/package-facts.ts';
import { openJournals } from '../platform/workflows/journal.ts';
import { openWorkflows } from '../platform/workflows/open-workflows.ts';
import type { Workflows } from '../platform/workflows/workflows.ts';
import { buildWorkflow } from './builds/build-workflow.ts';
import type { BuildParts } from './builds/parts.ts';
import { shellPool } from './builds/shell-pool.ts';
import { validationWorkflow } from './builds/validation-workflow.ts';
import { fetchWorkflow } from './catalogue/fetch-workflow.ts';
import { publicationWorkflow } from './catalogue/publication-workflow.ts';
import { openPrices } from './costs/open-prices.ts';
import { creationWorkflow } from './creations/creation-workflow.ts';
import { deploymentWorkflow } from './deployments/deployment-workflow.ts';
import { goldenWorkflow } from './deployments/golden/golden-workflow.ts';
import { imageWorkflow } from './deployments/golden/image-workflow.ts';
import { removalWorkflow } from './deployments/removal-workflow.ts';
import type { Factory } from './factory.ts';
import type { Receiver } from './notifications/receiver.ts';
import type { RebuildSettings } from './rebuilds/policy.ts';
import { rebuildWorkflow } from './rebuilds/rebuild-workflow.ts';
import type { RegistryLocation } from './registry/document/read-location.ts';
import { type RetentionSettings, usualRetention } from './retention/settings.ts';
import { openRegularWork } from './schedules/open-regular-work.ts';
import { type FactorySchema, migrations } from './schema.ts';
import { copyWorkflow } from './sharing/copy-workflow.ts';
import { connectShell } from './ssh/connect-shell.ts';
import type { ConnectShell } from './ssh/remote-shell.ts';
import type { LocalCloud } from './targets/open-target.ts';
import { openTargets } from './targets/open-targets.ts';
import type { Targets } from './targets/target.ts';

export interface FactoryOptions {
  /** Absolute. */
  readonly home: string;
  /** The built-in cloud, which must answer already: builds go on at once. */
  readonly local: LocalCloud;
  readonly parallelBuilds: number;
  /** Registries that others serve, in the order in which they are asked. */
  readonly registries?: readonly RegistryLocation[];
  readonly retention?: RetentionSettings;
  /** Who is told of what happens. */
  readonly receivers?: readonly Receiver[];
  readonly rebuilds?: RebuildSettings;
  readonly log: Log;
  /** A full distribution under emulation takes minutes to boot, and one on a busy cloud waits before that. */
  readonly bootPatienceMs?: number;
  /** How long a validation that fails is tried again on a machine that has just started. */
  readonly checkPatienceMs?: number;
  /** In their places, for tests. */
  readonly connect?: ConnectShell;
  readonly now?: () => Date;
  readonly targets?: Targets;
  readonly openDatabase?: typeof openDatabase;
}

export interface OpenFactory extends Factory {
  /** Interrupts what runs; the next start takes it up. */
  close(): Promise<void>;
}

const usualBootPatienceMs = 30 * 60_000;
const usualCheckPatienceMs = 60_000;

export async function openFactory(options: FactoryOptions): Promise<OpenFactory> {
  const { home, local, log, now = () => new Date(), connect = connectShell } = options;
  const { root, version } = packageFacts();
  const directories = {
    templates: [join(home, 'templates'), join(root, 'templates')],
    builds: join(home, 'builds'),
    secrets: join(home, 'secrets'),
  };
  await mkdir(directories.builds, { recursive: true, mode: 0o700 });
  const db = await (options.openDatabase ?? openDatabase)<FactorySchema>(
    join(home, 'factory.db'),
    migrations,
  );
  const registries = { locations: options.registries ?? [], directory: join(home, 'registries'), now };
  const targets = options.targets ?? openTargets({ directory: home, local });
  const prices = openPrices({ directory: home, targets });
  const journals = openJournals(directories.builds, now);
  const shells = shellPool(connect);
  const parts: BuildParts = {
    db,
    log,
    now,
    targets,
    directories,
    journals,
    connect,
    shells,
    ingotVersion: version,
    bootPatienceMs: options.bootPatienceMs ?? usualBootPatienceMs,
    checkPatienceMs: options.checkPatienceMs ?? usualCheckPatienceMs,
  };
  const engine = Promise.withResolvers<Workflows>();
  const deploying = { ...parts, workflows: engine.promise };
  const workflows = await openWorkflows({
    db,
    journals,
    workflows: [
      buildWorkflow(parts, options.parallelBuilds),
      validationWorkflow(parts, options.parallelBuilds),
      creationWorkflow({ ...parts, prices, queue: keyedQueue() }),
      copyWorkflow(parts),
      publicationWorkflow({ ...parts, registries }),
      fetchWorkflow(parts),
      deploymentWorkflow(deploying),
      imageWorkflow(deploying),
      goldenWorkflow(deploying, options.parallelBuilds),
      removalWorkflow(deploying),
      rebuildWorkflow(deploying, options.parallelBuilds),
    ],
    log,
    now,
  });
  engine.resolve(workflows);
  const factory: Factory = {
    db,
    log,
    now,
    targets,
    directories,
    registries,
    prices,
    retention: options.retention ?? usualRetention,
    receivers: options.receivers ?? [],
    rebuilds: options.rebuilds ?? { policies: [], checkEveryMs: 3_600_000 },
    workflows,
  };
  const regularWork = await openRegularWork(factory);
  return {
    ...factory,
    close: async () => {
      await regularWork.close();
      await workflows.close();
      shells.close();
      await db.close();
    },
  };
}
