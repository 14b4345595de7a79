/** Get, Enable and DisableImageBlockPublicAccess: an account's choice for a region. */
import type {
  DisableImageBlockPublicAccessRequest,
  DisableImageBlockPublicAccessResult,
  EnableImageBlockPublicAccessRequest,
  EnableImageBlockPublicAccessResult,
  GetImageBlockPublicAccessStateRequest,
  GetImageBlockPublicAccessStateResult,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';

type BlockState = 'block-new-sharing' | 'unblocked';

const setting = 'image-block-public-access';

export async function getImageBlockPublicAccessState(
  cloud: Cloud,
  input: GetImageBlockPublicAccessStateRequest,
  caller: Caller,
): Promise<GetImageBlockPublicAccessStateResult> {
  endDryRun(input);
  return { ImageBlockPublicAccessState: await blockState(cloud.db.read, caller), ManagedBy: 'account' };
}

/** What is public already stays public, as on EC2. */
export async function enableImageBlockPublicAccess(
  cloud: Cloud,
  input: EnableImageBlockPublicAccessRequest,
  caller: Caller,
): Promise<EnableImageBlockPublicAccessResult> {
  const { ImageBlockPublicAccessState: wanted } = input;
  if (wanted === undefined) throw missingParameter('ImageBlockPublicAccessState');
  if (wanted !== 'block-new-sharing') {
    throw invalidValue(wanted, 'imageBlockPublicAccessState', 'Allowed: block-new-sharing.');
  }
  endDryRun(input);
  await keep(cloud, caller, wanted);
  return { ImageBlockPublicAccessState: wanted };
}

export async function disableImageBlockPublicAccess(
  cloud: Cloud,
  input: DisableImageBlockPublicAccessRequest,
  caller: Caller,
): Promise<DisableImageBlockPublicAccessResult> {
  endDryRun(input);
  await keep(cloud, caller, 'unblocked');
  return { ImageBlockPublicAccessState: 'unblocked' };
}

/** Unblocked until somebody blocks it. */
export async function blockState(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
): Promise<BlockState> {
  const row = await db
    .selectFrom('account_settings')
    .select('value')
    .where('account_id', '=', caller.accountId)
    .where('region', '=', caller.region)
    .where('name', '=', setting)
    .executeTakeFirst();
  return row?.value === 'block-new-sharing' ? 'block-new-sharing' : 'unblocked';
}

async function keep(cloud: Cloud, caller: Caller, value: BlockState): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .insertInto('account_settings')
      .values({ account_id: caller.accountId, region: caller.region, name: setting, value })
      .onConflict((conflict) => conflict.columns(['account_id', 'region', 'name']).doUpdateSet({ value }))
      .execute(),
  );
}
