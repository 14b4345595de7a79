/** Revoking: nobody shall launch a version any more. Nothing is deleted, and machines that run on it run on. */
import type { Transaction } from '../../platform/database/database.ts';
import type { Factory } from '../factory.ts';
import { blockImage, type ImageOutcome } from './block-image.ts';
import type { Actor, ChannelMove } from './channel.ts';
import { descendantsOf } from './descendants.ts';
import { type MachinesFound, machinesOnImages } from './machines-on-images.ts';
import { type Places, type Reference, selectVersions } from './reference.ts';
import { earlierVersions } from './roll-back.ts';
import { type ChannelEntry, listChannels, setChannel } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

export interface Revoking extends Places {
  readonly reference: Reference;
  /** Also what was made from it, and from that. */
  readonly descendants: boolean;
}

/** What a revocation touches; asking changes nothing. */
export interface Impact extends MachinesFound {
  readonly versions: readonly VersionEntry[];
  /** Made from those, and not among them. */
  readonly descendants: readonly VersionEntry[];
  readonly channels: readonly ChannelChange[];
}

export interface ChannelChange extends ChannelEntry {
  /** Where the channel goes; it ends where there is nothing. */
  readonly to?: VersionEntry;
}

export interface Revoked extends Impact {
  readonly moves: readonly ChannelMove[];
  readonly images: readonly ImageOutcome[];
}

type Context = Pick<Factory, 'db' | 'targets' | 'now'>;

/** Machines are those on the versions and on their descendants. */
export async function revocationImpact(context: Context, revoking: Revoking): Promise<Impact> {
  const { read } = context.db;
  const selected = await selectVersions(read, revoking.reference, revoking);
  const children = await descendantsOf(read, selected);
  const versions = revoking.descendants ? [...selected, ...children] : selected;
  return {
    versions,
    descendants: revoking.descendants ? [] : children,
    channels: await channelChanges(read, versions),
    ...(await machinesOnImages(context.targets, [...selected, ...children])),
  };
}

/**
 * Marks the versions and moves every channel off them at once, then blocks the images. Can be repeated, for images
 * that could not be reached: a version keeps its first mark.
 */
export async function revoke(context: Context, revoking: Revoking & Actor): Promise<Revoked> {
  const impact = await revocationImpact(context, revoking);
  const at = context.now().toISOString();
  const revocation = { at, by: revoking.by, reason: revoking.why };
  const moves = await context.db.write(async (tx) => {
    for (const version of impact.versions) await mark(tx, version, revoking, at);
    return await moveChannels(tx, impact.versions, revoking, at);
  });
  const images = await Promise.all(
    impact.versions.map((version) => blockImage(context.targets, version, version.revoked ?? revocation)),
  );
  return { ...impact, moves, images };
}

async function mark(
  tx: Transaction<RegistryTables>,
  { target, imageId }: VersionEntry,
  { by, why }: Actor,
  at: string,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('versions')
    .set({ revoked_at: at, revoked_by: by, revoked_reason: why })
    .where((where) => where.and({ target, image_id: imageId }))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  await tx
    .insertInto('version_changes')
    .values({ target, image_id: imageId, action: 'revoked', at, by, why })
    .execute();
}

async function moveChannels(
  tx: Transaction<RegistryTables>,
  versions: readonly VersionEntry[],
  { by, why }: Actor,
  at: string,
): Promise<readonly ChannelMove[]> {
  const moves: ChannelMove[] = [];
  for (const { to, ...channel } of await channelChanges(tx, versions)) {
    const moved = await setChannel(tx, channel, to?.imageId, { action: 'revoked', at, by, why });
    if (moved !== undefined) moves.push(moved);
  }
  return moves;
}

/** Each channel goes back to the last version that it had and that isn't revoked. */
async function channelChanges(
  tx: Pick<Transaction<RegistryTables>, 'selectFrom'>,
  versions: readonly VersionEntry[],
): Promise<readonly ChannelChange[]> {
  const going = new Set(versions.map(({ target, imageId }) => `${target} ${imageId}`));
  const changes: ChannelChange[] = [];
  for (const { target, imageId } of versions) {
    for (const channel of await listChannels(tx, { target, imageId })) {
      const to = (await earlierVersions(tx, channel)).find(
        (earlier) => earlier.revoked === undefined && !going.has(`${earlier.target} ${earlier.imageId}`),
      );
      changes.push({ ...channel, ...(to === undefined ? {} : { to }) });
    }
  }
  return changes;
}
