import { findImages, forArchitecture, literal } from '../../aws/find-images.ts';
import { tagKeys, tagsOf } from '../../aws/tags.ts';
import { type Answer, type Asker, placeOf } from './asker.ts';

/** What another home, or a registry that is lost, has built: an image's own tags say what it is. */
export async function byTag(asker: Asker): Promise<Answer> {
  const { ec2, name, version, architecture, template } = asker;
  const tags: Readonly<Record<string, string>> = {
    [tagKeys.template]: name,
    ...(version === undefined ? {} : { [tagKeys.version]: version }),
  };
  const images = await findImages(ec2, {
    owners: ['self'],
    filters: [
      ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [literal(value)] })),
      forArchitecture(architecture),
    ],
  });
  const image = images.find((each) => tagsOf(each)[tagKeys.cache] === undefined);
  if (image === undefined) {
    const what = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
    return { way: 'tag', detail: `no image in ${placeOf(asker)} is tagged ${what.join(' and ')}` };
  }
  const tagged = tagsOf(image)[tagKeys.version];
  return {
    way: 'tag',
    detail: `the tags of ${image.ImageId} say that it is ${name}${tagged === undefined ? '' : `@${tagged}`}`,
    found: { image, template: name, version: tagged, sshUser: template?.amiConfig.sshUser },
  };
}
