/** Taking a revocation back. Channels stay where they went; sharing that disabling took away stays gone. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { type ImageOutcome, unblockImage } from './block-image.ts';
import type { Actor } from './channel.ts';
import { type Places, type Reference, selectVersions } from './reference.ts';
import type { VersionEntry } from './version-row.ts';

export interface Unrevoking extends Places, Actor {
  readonly reference: Reference;
}

export interface Unrevoked {
  readonly versions: readonly VersionEntry[];
  readonly images: readonly ImageOutcome[];
}

export async function unrevoke(
  { db, targets, now }: Pick<Factory, 'db' | 'targets' | 'now'>,
  { by, why, reference, ...places }: Unrevoking,
): Promise<Unrevoked> {
  const at = now().toISOString();
  const selected = await selectVersions(db.read, reference, places);
  const versions = selected.filter(({ revoked }) => revoked !== undefined);
  if (versions.length === 0) {
    const [first] = selected;
    throw new FactoryError('conflict', `${first?.template}@${first?.version} isn't revoked`);
  }
  // The images first: a version that launches refuse is better than an image that they take and can't start.
  const images = await Promise.all(versions.map((version) => unblockImage(targets, version)));
  await db.write(async (tx) => {
    for (const { target, imageId } of versions) {
      await tx
        .updateTable('versions')
        .set({ revoked_at: null, revoked_by: null, revoked_reason: null })
        .where((where) => where.and({ target, image_id: imageId }))
        .execute();
      await tx
        .insertInto('version_changes')
        .values({ target, image_id: imageId, action: 'unrevoked', at, by, why })
        .execute();
    }
  });
  return { versions, images };
}
