/** The factory's tables, each described in its room, and the migrations that make them: `factory.db` in a home. */
import type { Migration } from 'kysely';
import { createWorkflowTables, type WorkflowTables } from '../platform/workflows/table.ts';
import { type BuildTables, createBuildTables } from './builds/table.ts';
import { type CatalogueTables, createCatalogueTables, createPublications } from './catalogue/table.ts';
import { type CostTables, createCostTables } from './costs/table.ts';
import { type CreationTables, createCreationTables } from './creations/table.ts';
import { createDeletionTables, type DeletionTables } from './deletions/table.ts';
import { createDeploymentTables, type DeploymentTables } from './deployments/table.ts';
import { createImageTests, createLaunchTables, type LaunchTables } from './launches/table.ts';
import { createNotificationTables, type NotificationTables } from './notifications/table.ts';
import { createRegistryTables, type RegistryTables } from './registry/table.ts';
import { createRetentionTables, type RetentionTables } from './retention/table.ts';
import { createScheduleTables, type ScheduleTables } from './schedules/table.ts';

export interface FactorySchema
  extends WorkflowTables,
    BuildTables,
    RegistryTables,
    CatalogueTables,
    LaunchTables,
    DeploymentTables,
    NotificationTables,
    CreationTables,
    CostTables,
    DeletionTables,
    RetentionTables,
    ScheduleTables {}

const first: Migration = {
  async up(db) {
    await createWorkflowTables(db);
    await createBuildTables(db);
    await createRegistryTables(db);
  },
};

/** A change of a table is a new migration; one that has shipped is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-factory': first,
  '0002-catalogues': { up: createCatalogueTables },
  '0007-deployments': { up: createDeploymentTables },
  '0008-notifications': { up: createNotificationTables },
  '0009-publications': { up: createPublications },
  '0010-retention': { up: createRetentionTables },
  '0011-creations': { up: createCreationTables },
  '0012-launches': { up: createLaunchTables },
  '0013-costs': { up: createCostTables },
  '0014-image-tests': { up: createImageTests },
  '0014-schedules': { up: createScheduleTables },
  '0015-deletions': { up: createDeletionTables },
};
