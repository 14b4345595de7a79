/** How a call gets at a volume by its id. */
import type { Kysely, Transaction } from 'kysely';
import { missingParameter } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { isId, type VolumeId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import type { VolumeRow } from './record.ts';

export function asVolumeId(value: string | undefined): VolumeId {
  if (value === undefined || value === '') throw missingParameter('VolumeId');
  if (!isId('vol', value)) throw malformedId('volume', value);
  return value as VolumeId;
}

/** The caller's volume of this id in this region; in a transaction it stays as it is read. */
export async function findVolume(
  db: Kysely<Schema> | Transaction<Schema>,
  caller: Caller,
  value: string | undefined,
): Promise<VolumeRow> {
  const volumeId = asVolumeId(value);
  const volume = await db
    .selectFrom('volumes')
    .selectAll()
    .where('volume_id', '=', volumeId)
    .where('owner_id', '=', caller.accountId)
    .where('region', '=', caller.region)
    .executeTakeFirst();
  if (volume === undefined) throw notFound('volume', volumeId);
  return volume;
}
