/** Rolling back: a channel is pointed to what it pointed to before, one step or to a version named. */
import type { Kysely } from 'kysely';
import type { Database } from '../../platform/database/database.ts';
import { FactoryError } from '../factory-error.ts';
import type { Actor, ChannelMove } from './channel.ts';
import { findImageVersion } from './find-versions.ts';
import { earlierImages } from './previous-version.ts';
import type { Places } from './reference.ts';
import { type ChannelEntry, channelMoves, listChannels, placeName, setChannel } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

type Reader = Pick<Kysely<RegistryTables>, 'selectFrom'>;

export interface Rollback extends Places, Actor {
  readonly template: string;
  readonly channel: string;
  /** A version that the channel pointed to once; the one before the current one unless told. */
  readonly to?: string | undefined;
  readonly at: Date;
}

/** In every region and architecture that has the channel, or in none. Steps over versions that are revoked. */
export async function rollBack(
  db: Database<RegistryTables>,
  rollback: Rollback,
): Promise<readonly ChannelMove[]> {
  const { template, channel, target, region, architecture, by, why, at } = rollback;
  return await db.write(async (tx) => {
    const channels = await listChannels(tx, { template, channel, target, region, architecture });
    if (channels.length === 0) {
      throw new FactoryError('not-found', `${template} has no channel ${channel} in the target ${target}`);
    }
    const moves: ChannelMove[] = [];
    for (const entry of channels) {
      const version = await goal(tx, entry, rollback.to);
      const move = { action: 'rolled-back', at: at.toISOString(), by, why } as const;
      const moved = await setChannel(tx, entry, version.imageId, move);
      if (moved !== undefined) moves.push(moved);
    }
    return moves;
  });
}

async function goal(db: Reader, entry: ChannelEntry, to: string | undefined): Promise<VersionEntry> {
  const name = `${entry.channel} of ${entry.template} in ${placeName(entry)}`;
  const earlier = await earlierVersions(db, entry);
  if (to === undefined) {
    const usable = earlier.find(({ revoked }) => revoked === undefined);
    if (usable !== undefined) return usable;
    throw new FactoryError(
      'conflict',
      `${name} has nothing to go back to. Name a version that it had, or promote one`,
    );
  }
  const found = (await everIn(db, entry)).find(({ version }) => version === to);
  if (found === undefined) {
    const known = [...new Set(earlier.map(({ version }) => version))].join(', ') || 'nothing';
    throw new FactoryError(
      'not-found',
      `${name} never pointed to ${to}; before the current version it pointed to ${known}. Promote ${to} instead`,
    );
  }
  if (found.revoked === undefined) return found;
  throw new FactoryError('conflict', `${to} in ${placeName(entry)} is revoked: ${found.revoked.reason}`);
}

/** The last first; those that going back passes. */
export async function earlierVersions(
  db: Reader,
  entry: Omit<ChannelEntry, 'imageId'>,
): Promise<readonly VersionEntry[]> {
  return await known(db, entry.target, earlierImages(await movesOf(db, entry)));
}

async function everIn(db: Reader, entry: ChannelEntry): Promise<readonly VersionEntry[]> {
  const images = (await movesOf(db, entry)).flatMap(({ toImageId }) =>
    toImageId === undefined ? [] : [toImageId],
  );
  return await known(db, entry.target, [...new Set(images)]);
}

async function movesOf(db: Reader, entry: Omit<ChannelEntry, 'imageId'>) {
  const { target, template, region, architecture, channel } = entry;
  return await channelMoves(db, { target, template, region, architecture, channel });
}

/** Without the versions that were removed since. */
async function known(
  db: Reader,
  target: string,
  imageIds: readonly string[],
): Promise<readonly VersionEntry[]> {
  const versions: VersionEntry[] = [];
  for (const imageId of imageIds) {
    const version = await findImageVersion(db, target, imageId);
    if (version !== undefined) versions.push(version);
  }
  return versions;
}
