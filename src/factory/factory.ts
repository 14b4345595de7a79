/** What every room of the factory works with; `openFactory` makes it, `src/server` gives it its places. */
import type { Database } from '../platform/database/database.ts';
import type { Log } from '../platform/log.ts';
import type { Workflows } from '../platform/workflows/workflows.ts';
import type { PriceTables } from './costs/open-prices.ts';
import type { Receiver } from './notifications/receiver.ts';
import type { RebuildSettings } from './rebuilds/policy.ts';
import type { Registries } from './registry/document/read-location.ts';
import type { RetentionSettings } from './retention/settings.ts';
import type { FactorySchema } from './schema.ts';
import type { Targets } from './targets/target.ts';

export interface Factory {
  readonly db: Database<FactorySchema>;
  readonly log: Log;
  readonly now: () => Date;
  readonly targets: Targets;
  readonly directories: Directories;
  readonly registries: Registries;
  readonly prices: PriceTables;
  readonly retention: RetentionSettings;
  readonly rebuilds: RebuildSettings;
  /** Who is told of what happens. */
  readonly receivers: readonly Receiver[];
  readonly workflows: Workflows;
}

export interface Directories {
  /** Where templates are looked for, first to last. */
  readonly templates: readonly string[];
  /** A folder a build: its journal, and its key while it runs. */
  readonly builds: string;
  /** Readable by its owner alone. */
  readonly secrets: string;
}
