import { type Answer, type Asker, placeOf } from './asker.ts';
import { imageById } from './by-id.ts';

/** An image of `ami_config` that another region of the target has. */
export async function inOtherRegion(asker: Asker): Promise<Answer> {
  const { template, target, region, architecture, version, name } = asker;
  const places = Object.entries(template?.amiConfig.amis ?? {}).flatMap(([at, images]) => {
    const imageId = images[architecture];
    return imageId === undefined || at === region ? [] : [{ at, imageId }];
  });
  for (const { at, imageId } of version === undefined ? places : []) {
    const image = await imageById(await target.client(at), imageId);
    if (image === undefined) continue;
    return {
      way: 'other-region',
      detail: `ami_config of ${name} has ${imageId} in ${at}, to be copied to ${region}`,
      found: { image, region: at, template: name, sshUser: template?.amiConfig.sshUser },
    };
  }
  return { way: 'other-region', detail: `no other region has ${name} for ${placeOf(asker)}` };
}
