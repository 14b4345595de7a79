import type { ImportKeyPairRequest, ImportKeyPairResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { insertKeyPair } from './insert-key-pair.ts';
import { checkedKeyName, checkNameIsFree } from './key-name.ts';
import { importedFingerprint, readPublicKey } from './public-key.ts';

export async function importKeyPair(
  cloud: Cloud,
  input: ImportKeyPairRequest,
  caller: Caller,
): Promise<ImportKeyPairResult> {
  const name = checkedKeyName(input.KeyName);
  if (input.PublicKeyMaterial === undefined) throw missingParameter('PublicKeyMaterial');
  const publicKey = readPublicKey(input.PublicKeyMaterial);
  const tags = requestedTags(input.TagSpecifications, ['key-pair']).get('key-pair') ?? [];
  await checkNameIsFree(cloud.db.read, caller, name);
  endDryRun(input);

  const fingerprint = importedFingerprint(publicKey);
  const keyPairId = await insertKeyPair(cloud, caller, { name, publicKey, fingerprint, tags });
  return {
    KeyPairId: keyPairId,
    KeyName: name,
    KeyFingerprint: fingerprint,
    ...(tags.length === 0 ? {} : { Tags: tags.map((tag) => ({ ...tag })) }),
  };
}
