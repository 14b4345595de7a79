import type { Filter } from '@aws-sdk/client-ec2';
import { findImages, forArchitecture } from '../../aws/find-images.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Answer, type Asker, placeOf } from './asker.ts';

/** What the template's `ami_config` says to look for; undefined where it says nothing. */
export async function bySearch(asker: Asker): Promise<Answer | undefined> {
  const { template, ec2, architecture } = asker;
  const { amiSearch: search, marketplaceSearch: market, sshUser } = template?.amiConfig ?? {};
  if ((search === undefined && market === undefined) || asker.version !== undefined) return undefined;
  const named = search?.namePattern === undefined ? [] : [filter('name', search.namePattern)];
  const tagged = Object.entries(search?.requiredTags ?? {}).map(([key, value]) =>
    filter(`tag:${key}`, value),
  );
  const product =
    market?.productCode === undefined
      ? []
      : [filter('product-code', market.productCode), filter('product-code.type', 'marketplace')];
  const owner = market === undefined ? (search?.owner ?? 'self') : 'aws-marketplace';
  const found = await findImages(ec2, {
    owners: [owner],
    filters: [...named, ...tagged, ...product, forArchitecture(architecture)],
  });
  const since = search?.minCreationDate ?? '';
  const [image] = found.filter(({ CreationDate = '' }) => CreationDate >= since);
  const what = `the search of ami_config (${[owner, search?.namePattern, market?.productCode].filter(Boolean).join(', ')})`;
  if (image === undefined) return { way: 'search', detail: `${what} finds nothing in ${placeOf(asker)}` };
  const version = tagsOf(image)[search?.versionTag ?? ''];
  return {
    way: 'search',
    detail: `${what} finds ${image.Name} (${image.ImageId})`,
    found: { image, template: asker.name, version, sshUser },
  };
}

function filter(Name: string, value: string): Filter {
  return { Name, Values: [value] };
}
