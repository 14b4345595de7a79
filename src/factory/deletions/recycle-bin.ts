/** EC2's recycle bin of one region, as far as the target has one. */
import type { ImageRecycleBinInfo } from '@aws-sdk/client-ec2';
import { isCode } from '../aws/until.ts';
import type { Place } from '../retention/references.ts';

/** An EC2 that knows no recycle bin says so in one of these words. */
const noBinCodes = ['InvalidAction', 'UnsupportedOperation', 'NotImplemented', 'UnknownOperationException'];

/** All that is in it, or one image. Throws where the login may not look: an empty bin is another thing. */
export async function imagesInBin(
  { target, region }: Place,
  imageId?: string,
): Promise<readonly ImageRecycleBinInfo[]> {
  const { paginateListImagesInRecycleBin } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const found: ImageRecycleBinInfo[] = [];
  try {
    const pages = paginateListImagesInRecycleBin(
      { client, ...(imageId === undefined ? { pageSize: 1000 } : {}) },
      imageId === undefined ? {} : { ImageIds: [imageId] },
    );
    for await (const { Images = [] } of pages) found.push(...Images);
  } catch (error) {
    if (isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', ...noBinCodes)) return [];
    throw error;
  }
  return found;
}
