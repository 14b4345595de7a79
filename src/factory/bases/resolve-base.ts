/** What a template's base stands for in one region: an image's id, an alias, or an image's name. */

import type { EC2, Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { nearest } from '../../platform/nearest.ts';
import { findImages, forArchitecture, literal } from '../aws/find-images.ts';
import { tagsOf } from '../aws/tags.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import { awsAliases, type BaseAlias, ingotAliases } from './aliases.ts';
import type { ResolvedBase } from './resolved-base.ts';
import { sshUserOf } from './ssh-user.ts';

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
    sshUser: await sshUserOf(ec2, image, alias?.sshUser),
    rootDevice: image.RootDeviceName ?? '/dev/sda1',
    minSizeGiB: root?.Ebs?.VolumeSize ?? 1,
    digest: imageId,
  };
}

export interface BaseImage {
  readonly image: Image;
  readonly alias?: BaseAlias;
}

async function findImage(target: Target, ec2: EC2, request: BaseRequest): Promise<BaseImage> {
  const { source, architecture } = request;
  if (/^ami-[0-9a-f]+$/.test(source)) {
    // By a filter, since an id that isn't there is then an empty list and not another error.
    const [image] = await findImages(ec2, { filters: [{ Name: 'image-id', Values: [source] }] });
    if (image !== undefined) return { image };
    throw new FactoryError('not-found', `There is no image ${source} in ${request.region} of ${target.name}`);
  }
  const [[own], base] = await Promise.all([
    findImages(ec2, {
      owners: ['self'],
      filters: [{ Name: 'name', Values: [literal(source)] }, forArchitecture(architecture)],
    }),
    findBaseImage(target, ec2, request),
  ]);
  const found = own === undefined ? base : { image: own };
  if (found !== undefined) return found;
  throw await notThere(target, ec2, request);
}

/** The newest image that an alias stands for; undefined where nothing has the alias. */
export async function findBaseImage(
  target: Target,
  ec2: EC2,
  { source, architecture }: Pick<BaseRequest, 'source' | 'architecture'>,
): Promise<BaseImage | undefined> {
  const tables = target.kind === 'aws' ? [awsAliases] : [ingotAliases, awsAliases];
  const aliases = tables.flatMap((table) => table[source]?.(architecture) ?? []);
  const [tagged, aliased] = await Promise.all([
    target.kind === 'aws'
      ? []
      : findImages(ec2, {
          owners: ['amazon'],
          filters: [{ Name: 'tag:ingot:alias', Values: [literal(source)] }, forArchitecture(architecture)],
        }),
    Promise.all(
      aliases.map(async (alias) => {
        const filters = [{ Name: 'name', Values: [alias.namePattern] }, forArchitecture(architecture)];
        const [image] = await findImages(ec2, { owners: [alias.owner], filters });
        return image === undefined ? [] : [{ image, alias }];
      }),
    ),
  ]);
  return [...tagged.map((image) => ({ image })), ...aliased.flat()][0];
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
  const there = await findImages(ec2, { owners: ['amazon'], filters: [forArchitecture(architecture)] });
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
