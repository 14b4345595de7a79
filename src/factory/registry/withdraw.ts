/** The registry's half of a revocation: the mark, and every channel moved off what is marked. */
import type { Transaction } from '../../platform/database/database.ts';
import type { Actor, ChannelMove } from './channel.ts';
import { earlierVersions } from './roll-back.ts';
import { type ChannelEntry, listChannels, setChannel } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

export interface ChannelChange extends ChannelEntry {
  /** Where the channel goes; it ends where there is nothing. */
  readonly to?: VersionEntry;
}

export interface Withdrawn {
  readonly moves: readonly ChannelMove[];
  /** Versions that weren't revoked before; the others keep their first mark. */
  readonly marked: number;
}

export async function withdraw(
  tx: Transaction<RegistryTables>,
  versions: readonly VersionEntry[],
  { by, why }: Actor,
  at: string,
): Promise<Withdrawn> {
  let marked = 0;
  for (const version of versions) if (await mark(tx, version, { by, why }, at)) marked++;
  const moves: ChannelMove[] = [];
  for (const { to, ...channel } of await channelChanges(tx, versions)) {
    const moved = await setChannel(tx, channel, to?.imageId, { action: 'revoked', at, by, why });
    if (moved !== undefined) moves.push(moved);
  }
  return { moves, marked };
}

/** Each channel goes back to the last version that it had and that isn't revoked. */
export async function channelChanges(
  db: Pick<Transaction<RegistryTables>, 'selectFrom'>,
  versions: readonly VersionEntry[],
): Promise<readonly ChannelChange[]> {
  const going = new Set(versions.map(({ target, imageId }) => `${target} ${imageId}`));
  const changes: ChannelChange[] = [];
  for (const { target, imageId } of versions) {
    for (const channel of await listChannels(db, { target, imageId })) {
      const to = (await earlierVersions(db, channel)).find(
        (earlier) => earlier.revoked === undefined && !going.has(`${earlier.target} ${earlier.imageId}`),
      );
      changes.push({ ...channel, ...(to === undefined ? {} : { to }) });
    }
  }
  return changes;
}

async function mark(
  tx: Transaction<RegistryTables>,
  { target, imageId }: VersionEntry,
  { by, why }: Actor,
  at: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('versions')
    .set({ revoked_at: at, revoked_by: by, revoked_reason: why })
    .where((where) => where.and({ target, image_id: imageId }))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await tx
    .insertInto('version_changes')
    .values({ target, image_id: imageId, action: 'revoked', at, by, why })
    .execute();
  return true;
}
