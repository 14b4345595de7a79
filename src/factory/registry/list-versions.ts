import type { Kysely } from 'kysely';
import { findVersions, type VersionFilter } from './find-versions.ts';
import { listChannels } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

export interface ListedVersion extends VersionEntry {
  /** Names of the channels that point to it. */
  readonly channels: readonly string[];
}

/** Newest first. */
export async function listVersions(
  db: Pick<Kysely<RegistryTables>, 'selectFrom'>,
  filter: VersionFilter,
): Promise<readonly ListedVersion[]> {
  const versions = await findVersions(db, filter);
  const { target, template, region, architecture } = filter;
  const channels = Map.groupBy(
    await listChannels(db, { target, template, region, architecture }),
    (channel) => `${channel.target} ${channel.imageId}`,
  );
  return versions.map((version) => ({
    ...version,
    channels: (channels.get(`${version.target} ${version.imageId}`) ?? []).map(({ channel }) => channel),
  }));
}
