import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { Schema } from '../schema.ts';
import type { LaunchTemplateVersionRow } from './find-launch-template.ts';

export async function insertVersion(
  tx: Transaction<Schema>,
  caller: Caller,
  version: {
    readonly launchTemplateId: string;
    readonly number: number;
    readonly description: string | undefined;
    readonly data: RequestLaunchTemplateData;
    readonly now: Date;
  },
): Promise<LaunchTemplateVersionRow> {
  const row = {
    launch_template_id: version.launchTemplateId,
    version: version.number,
    description: version.description ?? null,
    created_at: version.now.toISOString(),
    created_by: creator(caller),
    data: JSON.stringify(version.data),
    image_id: version.data.ImageId ?? null,
  };
  await tx.insertInto('launch_template_versions').values(row).execute();
  return row;
}

export function creator(caller: Caller): string {
  return `arn:aws:iam::${caller.accountId}:root`;
}
