/** What the home remembers of an image that goes, and who is told. */
import { recordNotice } from '../notifications/notify.ts';
import type { Cleaner } from './cleanup-step.ts';
import { retireVersion } from './retire-version.ts';
import type { Going } from './take-images.ts';

/** Of images that lie in the bin now. */
export async function recordRetirements(
  { db, now, binDays }: Cleaner,
  retired: readonly Going[],
): Promise<void> {
  if (retired.length === 0) return;
  await db.write(async (tx) => {
    for (const going of retired) await recordNotice(tx, noticeOf(going, { now, binDays }), now);
  });
}

export async function recordDeletion({ db, now, binDays }: Cleaner, going: Going): Promise<void> {
  const { image, because } = going;
  await db.write(async (tx) => {
    await retireVersion(tx, image, { at: now, why: because });
    // Those that lay in the bin were told when they went there.
    if (binDays === 0) await recordNotice(tx, noticeOf(going, { now, binDays }), now);
  });
}

function noticeOf(
  { image, because }: Going,
  { now, binDays }: { readonly now: Date; readonly binDays: number },
) {
  const { target, region, imageId, template, version, architecture } = image;
  const name = `${template} ${version}`;
  const where = binDays === 0 ? 'is deleted' : `lies in the bin for ${binDays} days`;
  return {
    key: `image ${target} ${imageId} retired ${now.toISOString()}`,
    event: 'retired',
    subject: { kind: 'image', id: imageId, name, template, target, region },
    message: `${name} (${imageId}) ${where}: ${because}`,
    details: { version, architecture, bin_days: binDays, because },
  } as const;
}
