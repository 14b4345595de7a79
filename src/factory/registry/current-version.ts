import type { Kysely } from 'kysely';
import type { ChannelName } from './channel.ts';
import { findImageVersion } from './find-versions.ts';
import { channelImage } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

/** What the channel points to, if there is such a channel here. */
export async function currentVersion(
  db: Pick<Kysely<RegistryTables>, 'selectFrom'>,
  name: ChannelName,
): Promise<VersionEntry | undefined> {
  const imageId = await channelImage(db, name);
  return imageId === undefined ? undefined : await findImageVersion(db, name.target, imageId);
}
