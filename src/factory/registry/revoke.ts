/** Revoking: nobody shall launch a version any more. Nothing is deleted, and machines that run on it run on. */
import type { Factory } from '../factory.ts';
import type { Notice } from '../notifications/notice.ts';
import { recordNotice } from '../notifications/notify.ts';
import { blockImage, type ImageOutcome } from './block-image.ts';
import type { Actor, ChannelMove } from './channel.ts';
import { descendantsOf } from './descendants.ts';
import { type MachinesFound, machinesOnImages } from './machines-on-images.ts';
import { type Places, type Reference, selectVersions } from './reference.ts';
import type { Revocation } from './version.ts';
import type { VersionEntry } from './version-row.ts';
import { type ChannelChange, channelChanges, withdraw } from './withdraw.ts';

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
  const { moves } = await context.db.write(async (tx) => {
    const withdrawn = await withdraw(tx, impact.versions, revoking, at);
    for (const version of impact.versions) {
      if (version.revoked === undefined)
        await recordNotice(tx, revocationNotice(version, revocation), context.now());
    }
    return withdrawn;
  });
  const images = await Promise.all(
    impact.versions.map((version) => blockImage(context.targets, version, version.revoked ?? revocation)),
  );
  return { ...impact, moves, images };
}

function revocationNotice(version: VersionEntry, { at, by, reason }: Revocation): Notice {
  const { target, region, architecture, imageId, template } = version;
  const name = `${template} ${version.version}`;
  return {
    key: `image ${target} ${imageId} revoked ${at}`,
    event: 'revoked',
    subject: { kind: 'version', id: imageId, name, template, target, region },
    message: `${name} (${imageId}) in ${region} is revoked: ${reason}`,
    details: { version: version.version, architecture, ami_id: imageId, by, reason },
  };
}
