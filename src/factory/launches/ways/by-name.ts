/** Images by the name that they have: own ones, base images, others'. */
import type { Image } from '@aws-sdk/client-ec2';
import { findImages, literal } from '../../aws/find-images.ts';
import { tagKeys, tagsOf } from '../../aws/tags.ts';
import { findBaseImage } from '../../bases/resolve-base.ts';
import { findImageVersion } from '../../registry/find-versions.ts';
import type { Answer, Asker } from './asker.ts';

export async function byOwnName(asker: Asker): Promise<Answer> {
  const { ec2, name, region, target, factory } = asker;
  const image = preferred(asker, await findImages(ec2, { owners: ['self'], filters: [named(name)] }));
  if (image === undefined) return { way: 'name', detail: `no own image in ${region} has the name ${name}` };
  const version = await findImageVersion(factory.db.read, target.name, image.ImageId ?? '');
  const { [tagKeys.template]: template, [tagKeys.version]: tagged } = tagsOf(image);
  return {
    way: 'name',
    detail: `${image.ImageId} is an own image of that name`,
    found: { image, template, version: tagged, ...version },
  };
}

export async function byBase(asker: Asker): Promise<Answer> {
  const { target, ec2, name, architecture } = asker;
  const base = await findBaseImage(target, ec2, { source: name, architecture });
  if (base === undefined) return { way: 'base', detail: `no base image for ${architecture} goes by ${name}` };
  const { image, alias } = base;
  return {
    way: 'base',
    detail: `${name} is the base image ${image.Name} (${image.ImageId})`,
    found: { image, sshUser: alias?.sshUser },
  };
}

export async function byOthersName(asker: Asker): Promise<Answer> {
  const { ec2, name, region } = asker;
  const image = preferred(asker, await findImages(ec2, { filters: [named(name)] }));
  if (image === undefined) return { way: 'shared', detail: `nobody shares an image ${name} in ${region}` };
  return {
    way: 'shared',
    detail: `${image.ImageId}, of the account ${image.OwnerId}, has that name`,
    found: { image },
  };
}

/** Those of the architecture that was asked for come first: without being told, it is the host's. */
function preferred({ architecture }: Asker, images: readonly Image[]): Image | undefined {
  return images.find(({ Architecture }) => Architecture === architecture) ?? images[0];
}

function named(name: string) {
  return { Name: 'name', Values: [literal(name)] };
}
