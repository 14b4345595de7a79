import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { type CheckedTag, insertTags } from '../tags/tag-specifications.ts';
import { checkNameIsFree } from './key-name.ts';
import { openSshLine, type PublicKey } from './public-key.ts';

export interface KeyPairToInsert {
  readonly name: string;
  readonly publicKey: Pick<PublicKey, 'type' | 'blob'>;
  readonly fingerprint: string;
  readonly tags: readonly CheckedTag[];
}

/** The new key's id. Throws InvalidKeyPair.Duplicate. */
export async function insertKeyPair(cloud: Cloud, caller: Caller, key: KeyPairToInsert): Promise<string> {
  const keyPairId = newId('key');
  const place = { region: caller.region, ownerId: caller.accountId };
  await cloud.db.write(async (tx) => {
    await checkNameIsFree(tx, caller, key.name);
    await tx
      .insertInto('key_pairs')
      .values({
        key_pair_id: keyPairId,
        region: caller.region,
        owner_id: caller.accountId,
        key_name: key.name,
        key_type: key.publicKey.type,
        fingerprint: key.fingerprint,
        public_key: openSshLine(key.publicKey, key.name),
        created_at: cloud.now().toISOString(),
      })
      .execute();
    await insertTags(tx, { id: keyPairId, type: 'key-pair', ...place }, key.tags);
  });
  return keyPairId;
}
