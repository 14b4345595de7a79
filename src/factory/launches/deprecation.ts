import { findImages, forArchitecture, literal } from '../aws/find-images.ts';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { revokedTag } from '../registry/block-image.ts';
import { findVersions } from '../registry/find-versions.ts';
import type { Asker, Found } from './ways/asker.ts';

/** What to say of an image that its owner calls out of date, with what to launch instead; undefined where it isn't. */
export async function deprecation(asker: Asker, found: Found): Promise<string | undefined> {
  const { DeprecationTime: at, ImageId: imageId } = found.image;
  if (at === undefined || Date.parse(at) > asker.factory.now().getTime()) return undefined;
  const replacement = await replacementOf(asker, found);
  const way = replacement === undefined ? 'nothing here replaces it' : `launch ${replacement} instead`;
  return `${imageId} is deprecated since ${at}: ${way}`;
}

async function replacementOf(asker: Asker, { image, template }: Found): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const { factory, target, region, architecture, ec2 } = asker;
  const versions = await findVersions(factory.db.read, {
    ...{ target: target.name, template, region, architecture },
  });
  const now = factory.now().getTime();
  const images = await findImages(ec2, {
    owners: ['self'],
    filters: [
      versions.length === 0
        ? { Name: `tag:${tagKeys.template}`, Values: [literal(template)] }
        : { Name: 'image-id', Values: versions.map(({ imageId }) => imageId).slice(0, 200) },
      forArchitecture(architecture),
    ],
  });
  const good = images.filter(
    (each) =>
      each.ImageId !== image.ImageId &&
      (each.DeprecationTime === undefined || Date.parse(each.DeprecationTime) > now) &&
      tagsOf(each)[revokedTag] === undefined &&
      tagsOf(each)[tagKeys.cache] === undefined,
  );
  const version = versions.find(
    ({ imageId, revoked }) => revoked === undefined && good.some(({ ImageId }) => ImageId === imageId),
  );
  return version === undefined ? good[0]?.ImageId : `${template}@${version.version}`;
}
