import type { CreateKeyPairRequest, KeyPair } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, unsupported } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { insertKeyPair } from './insert-key-pair.ts';
import { checkedKeyName, checkNameIsFree } from './key-name.ts';
import { newKeyPair } from './new-key-pair.ts';
import type { KeyType } from './public-key.ts';

/** The only time that the private key is seen. Fingerprint of an RSA pair: SHA-1 of its PKCS#8 DER. */
export async function createKeyPair(
  cloud: Cloud,
  input: CreateKeyPairRequest,
  caller: Caller,
): Promise<KeyPair> {
  const name = checkedKeyName(input.KeyName);
  const type = keyType(input.KeyType);
  checkFormat(input.KeyFormat);
  const tags = requestedTags(input.TagSpecifications, ['key-pair']).get('key-pair') ?? [];
  await checkNameIsFree(cloud.db.read, caller, name);
  endDryRun(input);

  const made = await newKeyPair(type);
  const keyPairId = await insertKeyPair(cloud, caller, { ...made, name, tags });
  return {
    KeyPairId: keyPairId,
    KeyName: name,
    KeyFingerprint: made.fingerprint,
    KeyMaterial: made.privateKey,
    ...(tags.length === 0 ? {} : { Tags: tags.map((tag) => ({ ...tag })) }),
  };
}

function keyType(wanted: CreateKeyPairRequest['KeyType']): KeyType {
  if (wanted === undefined) return 'rsa';
  if (wanted === 'rsa' || wanted === 'ed25519') return wanted;
  throw invalidValue(wanted, 'KeyType', 'Allowed: rsa, ed25519.');
}

function checkFormat(wanted: CreateKeyPairRequest['KeyFormat']): void {
  if (wanted === undefined || wanted === 'pem') return;
  if (wanted !== 'ppk') throw invalidValue(wanted, 'KeyFormat', 'Allowed: pem.');
  throw unsupported(
    "Keys in PuTTY's format (ppk) are not made here. Ask for pem and convert it: puttygen key.pem -o key.ppk",
  );
}
