/** Who may launch an image: accounts, or everybody. Where the account blocks public images, that is said and kept. */
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { findImages, literal } from '../aws/find-images.ts';
import type { Sharing } from '../builds/build.ts';
import { isShared, permissions } from '../builds/steps/share-image.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { imageById } from '../launches/ways/by-id.ts';
import { parseReference, selectVersions } from '../registry/reference.ts';

export interface ShareRequest {
  /** An image id, an own image's name, or a version, which stands for its images in every region and architecture. */
  readonly reference: string;
  readonly target: string;
  /** An image id's, where the registry doesn't know it: the target's first unless told. */
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly add: Sharing;
  readonly remove: Sharing;
}

export interface SharedImage {
  readonly region: string;
  readonly imageId: string;
  /** Who may launch it now, beside its owner. */
  readonly now: Sharing;
  /** Why it is not as was asked. */
  readonly problem?: string;
}

/** Of every place: one that refuses doesn't keep the others from it. */
export async function shareImages(
  factory: Pick<Factory, 'db' | 'targets'>,
  request: ShareRequest,
): Promise<readonly SharedImage[]> {
  const target = await factory.targets.get(request.target);
  const places = await placesOf(factory, request);
  return await Promise.all(
    places.map(async ({ region, imageId }) => {
      const ec2 = await target.client(region);
      const problem = await change(ec2, { region, imageId }, request);
      const now = await sharedNow(ec2, imageId);
      return { region, imageId, now, ...(problem === undefined ? {} : { problem }) };
    }),
  );
}

interface Place {
  readonly region: string;
  readonly imageId: string;
}

async function placesOf(
  { db, targets }: Pick<Factory, 'db' | 'targets'>,
  { reference, target: name, region, architecture }: ShareRequest,
): Promise<readonly Place[]> {
  const parsed = parseReference(reference);
  const target = await targets.get(name);
  const regions = region === undefined ? target.regions : [region];
  if ('imageId' in parsed) {
    // An id says nothing of its region.
    for (const at of regions) {
      const image = await imageById(await target.client(at), parsed.imageId);
      if (image !== undefined) return [{ region: at, imageId: parsed.imageId }];
    }
    throw new FactoryError('not-found', `${region ?? name} has no image ${parsed.imageId}`);
  }
  const named = await Promise.all(
    regions.map(async (at) => placesNamed(await target.client(at), at, reference)),
  );
  if (named.flat().length > 0) return named.flat();
  return await selectVersions(db.read, parsed, { target: name, region, architecture });
}

async function placesNamed(ec2: EC2, region: string, name: string): Promise<readonly Place[]> {
  const filters = [{ Name: 'name', Values: [literal(name)] }];
  const images = await findImages(ec2, { owners: ['self'], filters });
  return images.map(({ ImageId = '' }) => ({ region, imageId: ImageId }));
}

async function change(
  ec2: EC2,
  { region, imageId }: Place,
  { add, remove }: ShareRequest,
): Promise<string | undefined> {
  // Asked only who may.
  if (!isShared(add) && !isShared(remove)) return undefined;
  if (add.public) {
    const { ImageBlockPublicAccessState: state } = await ec2.getImageBlockPublicAccessState({});
    if (state === 'block-new-sharing') {
      return (
        `The account keeps new images in ${region} from being public (EC2's block public access). ` +
        'Share it with accounts, or lift the block for all images: ' +
        `aws ec2 disable-image-block-public-access --region ${region}`
      );
    }
  }
  try {
    await ec2.modifyImageAttribute({
      ImageId: imageId,
      LaunchPermission: {
        ...(isShared(add) ? { Add: permissions(add) } : {}),
        ...(isShared(remove) ? { Remove: permissions(remove) } : {}),
      },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !('$fault' in error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

async function sharedNow(ec2: EC2, imageId: string): Promise<Sharing> {
  const { LaunchPermissions = [] } = await ec2.describeImageAttribute({
    ImageId: imageId,
    Attribute: 'launchPermission',
  });
  return {
    accounts: LaunchPermissions.flatMap(({ UserId }) => UserId ?? []).sort(),
    public: LaunchPermissions.some(({ Group }) => Group === 'all'),
  };
}
