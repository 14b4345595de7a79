/** What a template's base stands for in one region: an image's id, an alias, or an image's name. */

import type { EC2, Filter, Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { nearest } from '../../platform/nearest.ts';
import { tagsOf } from '../aws/tags.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import { awsAliases, type BaseAlias, ingotAliases, usersByName, usualUser } from './aliases.ts';
import type { ResolvedBase } from './resolved-base.ts';

export interface BaseRequest {
  readonly source: string;
  readonly region: string;
  readonly architecture: Architecture;
}

/** Throws with what there is, and with the way to add what isn't. */
export async function resolveBase(target: Target, request: BaseRequest): Promise<ResolvedBase> {
  const ec2 = await target.client(request.region);
  const { image, alias } = await findImage(target, ec2, request);
  if (image.Architecture !== undefined && image.Architecture !== request.architecture) {
    throw new FactoryError(
      'invalid',
      `${request.source} in ${request.region} is for ${image.Architecture}, not for ${request.architecture}`,
    );
  }
  const root = image.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === image.RootDeviceName);
  const imageId = image.ImageId ?? '';
  return {
    imageId,
    name: image.Name ?? imageId,
    sshUser: (await taggedUser(ec2, image)) ?? alias?.sshUser ?? userByName(image),
    rootDevice: image.RootDeviceName ?? '/dev/sda1',
    minSizeGiB: root?.Ebs?.VolumeSize ?? 1,
    digest: imageId,
  };
}

interface Found {
  readonly image: Image;
  readonly alias?: BaseAlias;
}

async function findImage(target: Target, ec2: EC2, request: BaseRequest): Promise<Found> {
  const { source, architecture } = request;
  if (/^ami-[0-9a-f]+$/.test(source)) {
    // By a filter, since an id that isn't there is then an empty list and not another error.
    const [image] = await images(ec2, { filters: [{ Name: 'image-id', Values: [source] }] });
    if (image !== undefined) return { image };
    throw new FactoryError('not-found', `There is no image ${source} in ${request.region} of ${target.name}`);
  }
  const tables = target.kind === 'aws' ? [awsAliases] : [ingotAliases, awsAliases];
  const aliases = tables.flatMap((table) => table[source]?.(architecture) ?? []);
  const [aliased, tagged, named] = await Promise.all([
    Promise.all(
      aliases.map(async (alias) => {
        const filters = [{ Name: 'name', Values: [alias.namePattern] }, forArchitecture(architecture)];
        const [image] = await images(ec2, { owners: [alias.owner], filters });
        return image === undefined ? [] : [{ image, alias }];
      }),
    ),
    target.kind === 'aws'
      ? []
      : images(ec2, {
          owners: ['amazon'],
          filters: [{ Name: 'tag:ingot:alias', Values: [literal(source)] }, forArchitecture(architecture)],
        }),
    images(ec2, {
      owners: ['self'],
      filters: [{ Name: 'name', Values: [literal(source)] }, forArchitecture(architecture)],
    }),
  ]);
  const [found] = [...[...named, ...tagged].map((image) => ({ image })), ...aliased.flat()];
  if (found !== undefined) return found;
  throw await notThere(target, ec2, request);
}

async function notThere(
  target: Target,
  ec2: EC2,
  { source, region, architecture }: BaseRequest,
): Promise<FactoryError> {
  const where = `in ${region} of the target ${target.name}`;
  if (target.kind === 'aws') {
    const aliases = Object.keys(awsAliases);
    const near = nearest(source, aliases);
    const hint = near === undefined || near === source ? '' : ` Did you mean ${near}?`;
    return new FactoryError(
      'not-found',
      `No image for ${architecture} ${where} goes by '${source}'.${hint} ` +
        `Known names are ${aliases.join(', ')}; an image's id or the name of one of your own does too`,
    );
  }
  const there = await images(ec2, { owners: ['amazon'], filters: [forArchitecture(architecture)] });
  const names = [...new Set(there.map((each) => tagsOf(each)['ingot:alias'] ?? each.Name ?? ''))];
  const near = nearest(source, names);
  const list = names.length === 0 ? 'there are no base images for it yet' : `there are ${names.join(', ')}`;
  const way =
    source in ingotAliases
      ? `ingot image base add ${source}${architecture === 'arm64' ? ' --arch arm64' : ''} makes it`
      : near === undefined
        ? 'ingot image base add debian-12 makes one of Debian'
        : `Did you mean ${near}?`;
  return new FactoryError(
    'not-found',
    `No base image '${source}' for ${architecture} ${where}: ${list}. ${way}`,
  );
}

async function images(
  ec2: EC2,
  { owners, filters }: { readonly owners?: readonly string[]; readonly filters: readonly Filter[] },
): Promise<readonly Image[]> {
  const { Images = [] } = await ec2.describeImages({
    ...(owners === undefined ? {} : { Owners: [...owners] }),
    Filters: [...filters],
  });
  return Images.filter(({ State = 'available' }) => State === 'available').toSorted((a, b) =>
    (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''),
  );
}

const longestAncestry = 20;

/** The tag `ingot:ssh-user` of the image, or of the one that it was made from, and so on. */
async function taggedUser(ec2: EC2, image: Image): Promise<string | undefined> {
  let next: Image | undefined = image;
  for (let generation = 0; next !== undefined && generation < longestAncestry; generation += 1) {
    const user = tagsOf(next)['ingot:ssh-user'];
    if (user !== undefined) return user;
    const parent: string | undefined = next.SourceImageId;
    next =
      parent === undefined
        ? undefined
        : (await images(ec2, { filters: [{ Name: 'image-id', Values: [parent] }] }))[0];
  }
  return undefined;
}

function userByName({ Name = '' }: Image): string {
  return usersByName.find(([pattern]) => pattern.test(Name))?.[1] ?? usualUser;
}

function forArchitecture(architecture: Architecture): Filter {
  return { Name: 'architecture', Values: [architecture] };
}

/** EC2's filters read `*` and `?` as wildcards. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
