/** The registry's half of a deletion: nobody is led to the image any more, and restoring it puts all back. */
import type { Selectable } from 'kysely';
import type { Transaction } from '../../platform/database/database.ts';
import type { ChannelName } from '../registry/channel.ts';
import { findImageVersion } from '../registry/find-versions.ts';
import { channelImage, setChannel } from '../registry/set-channel.ts';
import type { VersionPackagesTable, VersionTable } from '../registry/table.ts';
import { type ChannelChange, channelChanges } from '../registry/withdraw.ts';
import { retireVersion } from '../retention/retire-version.ts';
import type { FactorySchema } from '../schema.ts';

export interface ImageKey {
  readonly target: string;
  readonly imageId: string;
}

export interface When {
  readonly at: Date;
  readonly by: string;
}

interface Kept {
  readonly version: Selectable<VersionTable>;
  readonly packages?: Selectable<VersionPackagesTable>;
  readonly channels: readonly (ChannelName & { readonly movedTo?: string })[];
}

/** Each channel goes back to the last version that it had, and ends where there is none. Can be repeated. */
export async function withdrawDeleted(
  tx: Transaction<FactorySchema>,
  { target, imageId }: ImageKey,
  { at, by }: When,
): Promise<void> {
  const entry = await findImageVersion(tx, target, imageId);
  if (entry === undefined) return;
  const key = { target, image_id: imageId };
  const changes = await channelChanges(tx, [entry]);
  const move = { action: 'deleted', at: at.toISOString(), by, why: `${imageId} was deleted` } as const;
  for (const { to, ...channel } of changes) await setChannel(tx, channel, to?.imageId, move);
  const kept = await keptOf(tx, key, changes);
  const { region, template, version } = entry;
  const row = { ...key, region, template, version, kept: JSON.stringify(kept), deleted_at: move.at, by };
  await tx
    .insertInto('deleted_versions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['target', 'image_id']).doUpdateSet(row))
    .execute();
  await retireVersion(tx, { target, imageId }, { at, why: `deleted by ${by}` });
}

async function keptOf(
  tx: Transaction<FactorySchema>,
  key: { readonly target: string; readonly image_id: string },
  changes: readonly ChannelChange[],
): Promise<Kept> {
  const version = await tx
    .selectFrom('versions')
    .selectAll()
    .where((where) => where.and(key))
    .executeTakeFirstOrThrow();
  const packages = await tx
    .selectFrom('version_packages')
    .selectAll()
    .where((where) => where.and(key))
    .executeTakeFirst();
  const channels = changes.map(({ to, target, template, region, architecture, channel }) => ({
    ...{ target, template, region, architecture, channel },
    ...(to === undefined ? {} : { movedTo: to.imageId }),
  }));
  return { version, channels, ...(packages === undefined ? {} : { packages }) };
}

export interface PutBack {
  readonly template: string;
  readonly version: string;
  /** Names of channels that point to it again. */
  readonly channels: readonly string[];
  /** Why it is no version again: another took its place meanwhile. */
  readonly because?: string;
}

/** Channels that somebody has moved since stay where they are. Undefined where it was no version. */
export async function putBack(
  tx: Transaction<FactorySchema>,
  { target, imageId }: ImageKey,
  { at, by }: When,
): Promise<PutBack | undefined> {
  const key = { target, image_id: imageId };
  const row = await tx
    .selectFrom('deleted_versions')
    .selectAll()
    .where((where) => where.and(key))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { version, packages, channels } = JSON.parse(row.kept) as Kept;
  const { template, version: name, region, architecture } = version;
  const taken = await tx
    .selectFrom('versions')
    .select('image_id')
    .where((where) => where.and({ target, template, version: name, region, architecture }))
    .executeTakeFirst();
  if (taken !== undefined) {
    const because = `${taken.image_id} is ${template} ${name} by now`;
    return { template, version: name, channels: [], because };
  }
  await tx.insertInto('versions').values(version).execute();
  if (packages !== undefined) await tx.insertInto('version_packages').values(packages).execute();
  for (const table of ['deleted_versions', 'retired_versions'] as const) {
    await tx
      .deleteFrom(table)
      .where((where) => where.and(key))
      .execute();
  }
  const pointed: string[] = [];
  const move = { action: 'restored', at: at.toISOString(), by, why: `${imageId} was restored` } as const;
  for (const { movedTo, ...channel } of channels) {
    if ((await channelImage(tx, channel)) !== movedTo) continue;
    await setChannel(tx, channel, imageId, move);
    pointed.push(channel.channel);
  }
  return { template, version: name, channels: pointed };
}
