/** What lies in the bins of a target, and until when it can be restored. */
import { tagsOf } from '../aws/tags.ts';
import type { Factory } from '../factory.ts';
import { tagKeys } from '../retention/tags.ts';
import { imagesInBin } from './recycle-bin.ts';

export interface BinnedImage {
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  /** `recycle-bin`: EC2's, of what was deleted. `retention`: of what a cleanup put aside. */
  readonly bin: 'recycle-bin' | 'retention';
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
}

export async function listBin(
  { targets }: Pick<Factory, 'targets'>,
  { target: name, region: only }: { readonly target: string; readonly region?: string | undefined },
): Promise<readonly BinnedImage[]> {
  const target = await targets.get(name);
  const inRegion = async (region: string): Promise<readonly BinnedImage[]> => {
    const ec2 = await target.client(region);
    const { Images: disabled = [] } = await ec2.describeImages({
      Owners: ['self'],
      IncludeDisabled: true,
      Filters: [{ Name: 'tag-key', Values: [tagKeys.deleteAfter] }],
    });
    const aside = disabled.map((image): BinnedImage => {
      const { [tagKeys.binnedAt]: since, [tagKeys.deleteAfter]: until } = tagsOf(image);
      const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
      return { region, imageId: image.ImageId ?? '', name: image.Name ?? '', bin: 'retention', ...times };
    });
    const deleted = (await imagesInBin({ target, region })).map((image): BinnedImage => {
      const { ImageId = '', Name = '', RecycleBinEnterTime: since, RecycleBinExitTime: until } = image;
      return {
        ...{ region, imageId: ImageId, name: Name, bin: 'recycle-bin' },
        ...(since === undefined ? {} : { since: since.toISOString() }),
        ...(until === undefined ? {} : { until: until.toISOString() }),
      };
    });
    return [...deleted, ...aside];
  };
  const found = await Promise.all((only === undefined ? target.regions : [only]).map(inRegion));
  return found.flat().sort((a, b) => (a.until ?? '').localeCompare(b.until ?? ''));
}
