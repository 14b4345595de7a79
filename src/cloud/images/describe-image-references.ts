import type {
  DescribeImageReferencesRequest,
  DescribeImageReferencesResult,
  ImageReference,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { openPage, pageOf } from '../../ec2/pagination.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { ImageId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { type ReferenceScope, referenceScope } from './reference-scope.ts';

/** The caller's instances and launch templates that name these images, whoever owns the images. */
export async function describeImageReferences(
  cloud: Cloud,
  input: DescribeImageReferencesRequest,
  caller: Caller,
): Promise<DescribeImageReferencesResult> {
  const ids = (input.ImageIds ?? []) as ImageId[];
  if (ids.length === 0) throw missingParameter('ImageId');
  checkIds('image', ids);
  const scope = referenceScope(input);
  const page = openPage(input, { action: 'DescribeImageReferences', secret: cloud.tokenSecret }, caller);
  endDryRun(input);
  const references = [
    ...(await instanceReferences(cloud, caller, ids, scope)),
    ...(await templateReferences(cloud, caller, ids, scope)),
  ];
  const { items, NextToken } = pageOf(references, page, (one) => `${one.ImageId} ${one.Arn}`);
  return { ImageReferences: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

async function instanceReferences(
  cloud: Cloud,
  caller: Caller,
  ids: readonly ImageId[],
  { instanceStates }: ReferenceScope,
): Promise<ImageReference[]> {
  if (instanceStates === undefined) return [];
  const rows = await cloud.db.read
    .selectFrom('instances')
    .select(['instance_id', 'image_id'])
    .where('image_id', 'in', ids)
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('state', 'in', instanceStates)
    .execute();
  return rows.map((row) => ({
    ImageId: row.image_id,
    ResourceType: 'ec2:Instance',
    Arn: arn(caller, `instance/${row.instance_id}`),
  }));
}

/** A template counts when one of its newest versions names the image. */
async function templateReferences(
  cloud: Cloud,
  caller: Caller,
  ids: readonly ImageId[],
  { versionDepth }: ReferenceScope,
): Promise<ImageReference[]> {
  if (versionDepth === undefined) return [];
  const rows = await cloud.db.read
    .selectFrom('launch_template_versions as version')
    .innerJoin('launch_templates as template', 'template.launch_template_id', 'version.launch_template_id')
    .select(['template.launch_template_id', 'version.image_id'])
    .distinct()
    .where('version.image_id', 'in', ids)
    .where('template.region', '=', caller.region)
    .where('template.owner_id', '=', caller.accountId)
    .where(
      (eb) =>
        eb
          .selectFrom('launch_template_versions as newer')
          .select(eb.fn.countAll<number>().as('count'))
          .whereRef('newer.launch_template_id', '=', 'version.launch_template_id')
          .whereRef('newer.version', '>', 'version.version'),
      '<',
      versionDepth,
    )
    .execute();
  return rows.map((row) => ({
    ImageId: row.image_id ?? '',
    ResourceType: 'ec2:LaunchTemplate',
    Arn: arn(caller, `launch-template/${row.launch_template_id}`),
  }));
}

function arn({ region, accountId }: Caller, resource: string): string {
  return `arn:aws:ec2:${region}:${accountId}:${resource}`;
}
