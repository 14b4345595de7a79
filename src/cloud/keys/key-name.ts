import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import { keyPairTaken } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';

/** 1 to 255 printable ASCII characters, no spaces around them: it stands in authorized_keys as the comment. */
export function checkedKeyName(name: string | undefined): string {
  if (name === undefined || name === '') throw missingParameter('KeyName');
  if (/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(name)) return name;
  throw new Ec2Fault(
    'InvalidParameterValue',
    'Value for parameter KeyName is invalid. A key name has 1 to 255 printable ASCII characters, ' +
      'without spaces at the beginning or the end.',
  );
}

/** Unique among the caller's keys of the region. */
export async function checkNameIsFree(
  db: Pick<Cloud['db']['read'], 'selectFrom'>,
  caller: Caller,
  keyName: string,
): Promise<void> {
  const taken = await db
    .selectFrom('key_pairs')
    .select('key_pair_id')
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('key_name', '=', keyName)
    .executeTakeFirst();
  if (taken !== undefined) throw keyPairTaken(keyName);
}
