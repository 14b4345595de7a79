/**
 * The image that there is already: one of these inputs, or one that others made of this version and mode. Every
 * look-up that fails is an error, never "none".
 */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../../aws/tags.ts';
import type { Factory } from '../../factory.ts';
import { findImageVersion } from '../../registry/find-versions.ts';
import type { GoldenTags } from '../../templates/golden-image.ts';
import type { DeploymentInput } from '../deployment.ts';
import { goldenKeyTag } from './golden-tags.ts';

export interface GoldenFound {
  readonly imageId: string;
  /** `key`: of the same inputs. `tags`: of this version and mode, as others tagged it. */
  readonly by: 'key' | 'tags';
  readonly createdAt: string;
}

type Asked = Pick<
  DeploymentInput,
  'template' | 'goldenImage' | 'version' | 'mode' | 'target' | 'region' | 'architecture'
>;

export async function findGoldenImage(
  factory: Pick<Factory, 'db' | 'targets'>,
  input: Asked,
  key: string,
): Promise<GoldenFound | undefined> {
  const target = await factory.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const own = await ownImage(factory, ec2, key);
  if (own !== undefined) return own;
  if (input.goldenImage === undefined) return undefined;
  const tagged = await taggedImages(ec2, input, input.goldenImage.tags);
  const usable: Image[] = [];
  for (const image of tagged) if (!(await isRevoked(factory, input.target, image))) usable.push(image);
  const matching = usable.find((image) => tagsOf(image)[goldenKeyTag] === key);
  if (matching !== undefined) return found(matching, 'key');
  const others = usable.find((image) => isOthers(image, input));
  return others === undefined ? undefined : found(others, 'tags');
}

/** What our record says, as far as the image is still there: one that is gone is forgotten. */
async function ownImage(
  { db }: Pick<Factory, 'db'>,
  ec2: EC2,
  key: string,
): Promise<GoldenFound | undefined> {
  const row = await db.read.selectFrom('golden_images').selectAll().where('key', '=', key).executeTakeFirst();
  if (row?.image_id == null || row.state !== 'completed') return undefined;
  const { Images: [image] = [] } = await ec2.describeImages({
    Filters: [{ Name: 'image-id', Values: [row.image_id] }],
  });
  const usable = image?.State === 'available' && !(await isRevoked({ db }, row.target, image));
  if (image !== undefined && usable) return found(image, 'key');
  await db.write((tx) =>
    tx
      .deleteFrom('golden_images')
      .where('key', '=', key)
      .where('image_id', '=', row.image_id)
      .where('state', '=', 'completed')
      .execute(),
  );
  return undefined;
}

/** Newest first. */
async function taggedImages(ec2: EC2, { version, architecture }: Asked, names: GoldenTags) {
  const { Images = [] } = await ec2.describeImages({
    Owners: ['self'],
    Filters: [
      { Name: `tag:${names.version}`, Values: [literal(version)] },
      { Name: 'tag:ManagedBy', Values: [literal(names.managedBy)] },
      { Name: 'state', Values: ['available'] },
      { Name: 'architecture', Values: [architecture] },
    ],
  });
  return Images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''));
}

/** Made without our key, of the same mode and of no other app. */
function isOthers(image: Image, { template, mode, goldenImage }: Asked): boolean {
  const tags = tagsOf(image);
  const app = tags[tagKeys.template];
  if (tags[goldenKeyTag] !== undefined || (app !== undefined && app !== template.slug)) return false;
  return tags[goldenImage?.tags.mode ?? ''] === mode;
}

async function isRevoked(
  { db }: Pick<Factory, 'db'>,
  target: string,
  { ImageId = '' }: Image,
): Promise<boolean> {
  const version = await findImageVersion(db.read, target, ImageId);
  return version?.revoked !== undefined;
}

function found({ ImageId = '', CreationDate = '' }: Image, by: GoldenFound['by']): GoldenFound {
  return { imageId: ImageId, by, createdAt: CreationDate };
}

/** EC2's filters read `*` and `?` as wildcards. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
