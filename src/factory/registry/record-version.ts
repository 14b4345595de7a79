/** Registering: a version enters, and `latest` moves to it. */
import type { Database, Transaction } from '../../platform/database/database.ts';
import { FactoryError } from '../factory-error.ts';
import { latest } from './channel.ts';
import { findImageVersion, findVersions } from './find-versions.ts';
import { type NewMove, placeName, setChannel } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { NewVersion } from './version.ts';
import { toRow } from './version-row.ts';

export interface Registration {
  /** Who registers, for the channel's history. */
  readonly by?: string;
  readonly why?: string;
}

/**
 * Can be repeated: an image that is registered already stays as it is, and so does `latest`. Refuses a version that
 * another image of the template has in this region and architecture, and one that a channel is named after.
 */
export async function recordVersion(
  db: Database<RegistryTables>,
  version: NewVersion,
  { by = 'build', why = version.buildId ?? '' }: Registration = {},
): Promise<void> {
  const at = version.createdAt;
  await db.write((tx) => registerVersion(tx, version, { action: 'registered', at, by, why }));
}

/** False where the image is registered already. Without a move, `latest` stays where it is. */
export async function registerVersion(
  tx: Transaction<RegistryTables>,
  version: NewVersion,
  move?: NewMove,
): Promise<boolean> {
  const { target, imageId } = version;
  if ((await findImageVersion(tx, target, imageId)) !== undefined) return false;
  await checkFree(tx, version);
  const { newest } = await tx
    .selectFrom('versions')
    .select((select) => select.fn.max('sequence').as('newest'))
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('versions')
    .values(toRow(version, (newest ?? 0) + 1))
    .execute();
  if (version.packages !== undefined) {
    await tx
      .insertInto('version_packages')
      .values({ target, image_id: imageId, packages: JSON.stringify(version.packages) })
      .execute();
  }
  if (move !== undefined) await setChannel(tx, { ...version, channel: latest }, imageId, move);
  return true;
}

async function checkFree(tx: Transaction<RegistryTables>, version: NewVersion): Promise<void> {
  const { template, target, region, architecture } = version;
  const name = { template, target, region, architecture, version: version.version };
  const [taken] = await findVersions(tx, name);
  if (taken !== undefined) {
    throw new FactoryError(
      'conflict',
      `${template} has a version ${version.version} in ${placeName(version)} already: ${taken.imageId}. ` +
        'Give this one another version',
    );
  }
  if (version.version !== latest && !(await isChannel(tx, template, version.version))) return;
  throw new FactoryError(
    'conflict',
    `${version.version} is the name of a channel of ${template}. Give the version another name`,
  );
}

async function isChannel(tx: Transaction<RegistryTables>, template: string, name: string): Promise<boolean> {
  const row = await tx
    .selectFrom('channels')
    .select('channel')
    .where('template', '=', template)
    .where('channel', '=', name)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
