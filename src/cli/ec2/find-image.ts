/** Images by alias ('tiny'), id or name, and the SSH user that each brings. */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import { CliError, exitCodes } from '../errors.ts';

export interface ImageChoice {
  readonly architecture: string;
}

/** Undefined where nothing has that alias, id or name. An own image comes before another's, a newer one before an older. */
export async function findImage(
  ec2: EC2,
  given: string,
  { architecture }: ImageChoice,
): Promise<Image | undefined> {
  if (/^ami-[0-9a-f]+$/.test(given)) {
    const { Images = [] } = await ec2.describeImages({ ImageIds: [given] });
    return Images[0];
  }
  const [aliased, own, others] = await Promise.all([
    ec2.describeImages({
      Owners: ['amazon'],
      Filters: [tagFilter('alias', given), archFilter(architecture)],
    }),
    ec2.describeImages({ Owners: ['self'], Filters: [{ Name: 'name', Values: [literal(given)] }] }),
    ec2.describeImages({ Filters: [{ Name: 'name', Values: [literal(given)] }] }),
  ]);
  return newest(own.Images) ?? newest(aliased.Images) ?? newest(others.Images);
}

export function unknownImage(given: string, region: string): CliError {
  return new CliError(
    `No image in ${region} has the alias, id or name '${given}'. ingot image list shows those that there are; ` +
      'ingot image base add makes a base image',
    { exitCode: exitCodes.notFound },
  );
}

const longestAncestry = 20;

/** The tag `ingot:ssh-user` of the image, or of the image that it came from, and so on. */
export async function sshUserOf(ec2: EC2, imageId: string | undefined): Promise<string | undefined> {
  let id = imageId;
  for (let generation = 0; id !== undefined && generation < longestAncestry; generation += 1) {
    const { Images = [] } = await ec2.describeImages({ Filters: [{ Name: 'image-id', Values: [id] }] });
    const [image] = Images;
    const user = image?.Tags?.find(({ Key }) => Key === 'ingot:ssh-user')?.Value;
    if (user !== undefined) return user;
    id = image?.SourceImageId;
  }
  return undefined;
}

function newest(images: readonly Image[] = []): Image | undefined {
  return images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))[0];
}

function tagFilter(key: string, value: string) {
  return { Name: `tag:ingot:${key}`, Values: [literal(value)] };
}

function archFilter(architecture: string) {
  return { Name: 'architecture', Values: [architecture] };
}

/** EC2's filters read `*` and `?` as wildcards. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
