import type { DeleteKeyPairRequest, DeleteKeyPairResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter, notTogether } from '../../ec2/request-faults.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { deleteTagsOf } from '../tags/delete-tags-of.ts';

/** A key that is not there is deleted already. Machines launched with it keep the public half. */
export async function deleteKeyPair(
  cloud: Cloud,
  input: DeleteKeyPairRequest,
  caller: Caller,
): Promise<DeleteKeyPairResult> {
  const { KeyName: name, KeyPairId: id } = input;
  if (name === undefined && id === undefined) throw missingParameter('KeyName or KeyPairId');
  if (name !== undefined && id !== undefined) throw notTogether('KeyName', 'KeyPairId');
  if (id !== undefined) checkIds('keyPair', [id]);
  endDryRun(input);

  const deleted = await cloud.db.write(async (tx) => {
    const row = await tx
      .deleteFrom('key_pairs')
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId)
      .where(id === undefined ? 'key_name' : 'key_pair_id', '=', id ?? name ?? '')
      .returning('key_pair_id')
      .executeTakeFirst();
    if (row !== undefined) await deleteTagsOf(tx, [row.key_pair_id]);
    return row?.key_pair_id;
  });
  return { Return: true, ...(deleted === undefined ? {} : { KeyPairId: deleted }) };
}
