/** The public images that the account `amazon` owns. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { readClientSecrets } from '../../server/secrets.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { ec2Client, regionNames } from './client.ts';

export interface RegisteredBase {
  readonly id: string;
  readonly name: string;
  readonly alias: string;
  readonly architecture: string;
}

/** In the client's region, newest first. */
export async function baseImages(
  ec2: EC2,
  owner: 'amazon' | 'self' = 'amazon',
): Promise<readonly RegisteredBase[]> {
  const { Images = [] } = await ec2.describeImages({ Owners: [owner] });
  return Images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? '')).map(
    (image) => ({
      id: image.ImageId ?? '',
      name: image.Name ?? '',
      alias: image.Tags?.find(({ Key }) => Key === 'ingot:alias')?.Value ?? '',
      architecture: image.Architecture ?? '',
    }),
  );
}

/** Deregisters them, as their owner, in every region; answers how many there were. */
export async function withdrawBaseImages(context: Context, names: readonly string[]): Promise<number> {
  const secrets = await readClientSecrets(context.home);
  if (secrets === undefined) {
    throw new CliError(
      `The keys of the base images' account are in the server's home; ${context.home} is another`,
    );
  }
  const owner = { url: context.url, credentials: secrets.bases };
  let count = 0;
  for (const region of await regionNames(context)) {
    const ec2 = await ec2Client(owner, region);
    for (const image of await baseImages(ec2, 'self')) {
      if (!names.includes(image.name)) continue;
      await ec2.deregisterImage({ ImageId: image.id, DeleteAssociatedSnapshots: true });
      count += 1;
    }
  }
  return count;
}
