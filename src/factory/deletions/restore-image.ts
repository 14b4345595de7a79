/** Takes an image back: out of retention's bin, where it lies disabled, or out of EC2's recycle bin. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { snapshotIdsOf } from '../retention/managed-images.ts';
import type { Place } from '../retention/references.ts';
import { restoreImage as enableImage } from '../retention/retire-image.ts';
import { retainDaysTag } from './delete-images.ts';
import { type PutBack, putBack } from './kept-version.ts';
import { imagesInBin } from './recycle-bin.ts';

export interface RestoreOrder {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  /** The image's id, the name that it had, or TEMPLATE@VERSION. */
  readonly image: string;
  readonly by: string;
}

export interface RestoredImage {
  readonly region: string;
  readonly imageId: string;
  /** Where it was a version of a template. */
  readonly version?: PutBack;
}

/** In every region that has it. Throws `not-found` where no bin has it. */
export async function restoreImage(
  { db, targets, now }: Pick<Factory, 'db' | 'targets' | 'now'>,
  { target: name, region: only, image, by }: RestoreOrder,
): Promise<readonly RestoredImage[]> {
  const target = await targets.get(name);
  const withdrawn = await withdrawnImages(db, name, image);
  const restored: RestoredImage[] = [];
  for (const region of only === undefined ? target.regions : [only]) {
    const place = { target, region };
    for (const imageId of await restorable(place, [image, ...withdrawn], withdrawn)) {
      const version = await db.write((tx) => putBack(tx, { target: name, imageId }, { at: now(), by }));
      restored.push({ region, imageId, ...(version === undefined ? {} : { version }) });
    }
  }
  if (restored.length > 0) return restored;
  throw new FactoryError(
    'not-found',
    `No bin of ${only ?? name} has '${image}'. ingot ami bin shows what can be restored; an image that was deleted ` +
      'with --bin-days 0, or whose days are over, is gone',
  );
}

/** Those that the registry forgot for their deletion, by id or TEMPLATE@VERSION. */
async function withdrawnImages(db: Factory['db'], target: string, text: string): Promise<readonly string[]> {
  const [, template = '', version = ''] = /^([^@]+)@(.+)$/s.exec(text) ?? [];
  const rows = await db.read
    .selectFrom('deleted_versions')
    .select('image_id')
    .where('target', '=', target)
    .where((where) => where.or([where.and({ template, version }), where('image_id', '=', text)]))
    .execute();
  return rows.map((row) => row.image_id);
}

/** Takes back those of the region that are meant, and answers their ids. */
async function restorable(
  place: Place,
  names: readonly string[],
  withdrawn: readonly string[],
): Promise<readonly string[]> {
  const ec2 = await place.target.client(place.region);
  const { Images: disabled = [] } = await ec2.describeImages({
    Owners: ['self'],
    IncludeDisabled: true,
    Filters: [{ Name: 'state', Values: ['disabled'] }],
  });
  const isMeant = ({ ImageId = '', Name = '' }) => names.includes(ImageId) || names.includes(Name);
  const restored: string[] = [];
  for (const { ImageId: imageId = '' } of disabled.filter(isMeant)) {
    await enableImage(place, { imageId });
    restored.push(imageId);
  }
  for (const { ImageId: imageId = '' } of (await imagesInBin(place)).filter(isMeant)) {
    await ec2.restoreImageFromRecycleBin({ ImageId: imageId });
    await forgetRule(place, imageId);
    restored.push(imageId);
  }
  // A deletion that ended before EC2 was asked: only the registry has forgotten it.
  const { Images: left = [] } =
    withdrawn.length === 0
      ? {}
      : await ec2.describeImages({
          Owners: ['self'],
          Filters: [
            { Name: 'image-id', Values: [...withdrawn] },
            { Name: 'state', Values: ['available'] },
          ],
        });
  return [...new Set([...restored, ...left.flatMap(({ ImageId }) => ImageId ?? [])])];
}

/** So that the next who deletes it says anew how long it is kept. */
async function forgetRule({ target, region }: Place, imageId: string): Promise<void> {
  const ec2 = await target.client(region);
  const { Images: [image] = [] } = await ec2.describeImages({
    Filters: [{ Name: 'image-id', Values: [imageId] }],
  });
  const Resources = [imageId, ...(image === undefined ? [] : snapshotIdsOf(image))];
  await ec2.deleteTags({ Resources, Tags: [{ Key: retainDaysTag }] });
}
