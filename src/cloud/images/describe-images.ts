import type { DescribeImagesRequest, DescribeImagesResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { tagOwners } from '../tags/visible-tags.ts';
import { rememberedImages } from './deregistered-images.ts';
import { imageColumns, imageFilters, narrowed } from './image-filters.ts';
import { toImages } from './to-image.ts';
import { executableBy, type Images, ownedBy, visibleImages } from './visible-images.ts';

export async function describeImages(
  cloud: Cloud,
  input: DescribeImagesRequest,
  caller: Caller,
): Promise<DescribeImagesResult> {
  refusePageOfIds(input, input.ImageIds, 'imageIds');
  checkIds('image', input.ImageIds);
  const visible = visibleImages(cloud, caller);
  const scoped = executableBy(
    cloud,
    caller,
    ownedBy(cloud, caller, visible, input.Owners ?? []),
    input.ExecutableUsers ?? [],
  );
  endDryRun(input);
  const ids = await stillKnown(cloud, caller, input.ImageIds ?? []);
  if (ids.length === 0 && (input.ImageIds ?? []).length > 0) return { Images: [] };
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeImages' },
    rows: narrowed(shownByDefault(cloud, caller, input, scoped), input.Filters ?? []),
    ids: { resource: 'image', values: ids, among: visible },
    key: 'images.image_id',
    keyOf: (row) => row.image_id,
    columns: imageColumns,
    filters: imageFilters,
    tagsOf: ({ image }) => image.Tags ?? [],
    tagOwners: tagOwners(cloud, caller),
    show: (rows) => toImages(cloud, caller, rows),
  });
  return { Images: items.map(({ image }) => image), ...(NextToken === undefined ? {} : { NextToken }) };
}

/** An owner always sees its deprecated images, others by id or when they ask; disabled ones only who asks. */
function shownByDefault(cloud: Cloud, caller: Caller, input: DescribeImagesRequest, images: Images): Images {
  const enabled = input.IncludeDisabled === true ? images : images.where('images.state', '!=', 'disabled');
  if (input.IncludeDeprecated === true || (input.ImageIds ?? []).length > 0) return enabled;
  return enabled.where((eb) =>
    eb.or([
      eb('images.owner_id', '=', caller.accountId),
      eb('images.deprecation_time', 'is', null),
      eb('images.deprecation_time', '>', cloud.now().toISOString()),
    ]),
  );
}

/** An image that was deregistered is no error yet: it is just not there any more. */
async function stillKnown(cloud: Cloud, caller: Caller, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return ids;
  const remembered = await rememberedImages(cloud, caller, ids);
  return ids.filter((id) => !remembered.has(id));
}
