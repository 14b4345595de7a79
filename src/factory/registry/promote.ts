/** Promoting: a channel is pointed to a version, in every region and architecture that has it, or in none. */
import type { Database, Transaction } from '../../platform/database/database.ts';
import { FactoryError } from '../factory-error.ts';
import { type Actor, type ChannelMove, latest } from './channel.ts';
import { findVersions } from './find-versions.ts';
import { type Places, type Reference, selectVersions } from './reference.ts';
import { placeName, setChannel } from './set-channel.ts';
import type { RegistryTables } from './table.ts';
import type { VersionEntry } from './version-row.ts';

export interface Promotion extends Places, Actor {
  readonly reference: Reference;
  readonly channel: string;
  /** Takes unproven versions too; the channel's history says so. */
  readonly force: boolean;
  readonly at: Date;
}

export interface Promoted {
  readonly versions: readonly VersionEntry[];
  /** Channels that pointed elsewhere before. */
  readonly moves: readonly ChannelMove[];
}

export async function promote(db: Database<RegistryTables>, promotion: Promotion): Promise<Promoted> {
  const { channel, force, by, why, at, reference } = promotion;
  checkChannelName(channel);
  return await db.write(async (tx) => {
    const versions = await selectVersions(tx, reference, promotion);
    await checkNoVersion(tx, versions, channel);
    checkPromotable(versions, force);
    const moves: ChannelMove[] = [];
    for (const version of versions) {
      const forced = !version.proven;
      const to = { ...version, channel };
      const move = { action: 'promoted', at: at.toISOString(), by, why, forced } as const;
      const moved = await setChannel(tx, to, version.imageId, move);
      if (moved !== undefined) moves.push(moved);
    }
    return { versions, moves };
  });
}

function checkChannelName(channel: string): void {
  if (channel === latest) {
    throw new FactoryError(
      'invalid',
      'latest follows what is registered. Promote to stable or a channel of your own; roll latest back to move it',
    );
  }
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(channel)) return;
  throw new FactoryError(
    'invalid',
    `'${channel}' can't name a channel: 1 to 63 lower-case letters, digits, dots, dashes and underscores can, ` +
      'beginning with a letter or digit',
  );
}

/** `template@name` must mean one thing. */
async function checkNoVersion(
  tx: Transaction<RegistryTables>,
  versions: readonly VersionEntry[],
  channel: string,
): Promise<void> {
  for (const template of new Set(versions.map((version) => version.template))) {
    if ((await findVersions(tx, { template, version: channel })).length === 0) continue;
    throw new FactoryError('conflict', `${channel} is a version of ${template}. Choose another channel`);
  }
}

function checkPromotable(versions: readonly VersionEntry[], force: boolean): void {
  const revoked = versions.find((version) => version.revoked !== undefined);
  if (revoked !== undefined) {
    throw new FactoryError(
      'conflict',
      `${nameOf(revoked)} is revoked: ${revoked.revoked?.reason}. Unrevoke it first, or promote another version`,
    );
  }
  const unproven = versions.filter(({ proven }) => !proven);
  if (unproven.length === 0 || force) return;
  throw new FactoryError(
    'conflict',
    `Not proven to boot and pass its checks: ${unproven.map(nameOf).join(', ')}. ` +
      'Build it again with its proof, or force the promotion; the history will say so',
  );
}

function nameOf(version: VersionEntry): string {
  return `${version.template}@${version.version} in ${placeName(version)} (${version.imageId})`;
}
