/** DescribeImages as the factory asks it: what can be launched, newest first. */
import type { EC2, Filter, Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';

export async function findImages(
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

export function forArchitecture(architecture: Architecture): Filter {
  return { Name: 'architecture', Values: [architecture] };
}

/** EC2's filters read `*` and `?` as wildcards. */
export function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
