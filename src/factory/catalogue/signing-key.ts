import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';

/** The key that a home signs its catalogues with: made when first needed, readable by its owner alone. */
export async function signingKey(file: string): Promise<KeyObject> {
  const kept = await readIfPresent(file);
  if (kept !== undefined) return createPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeDurably(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), { mode: 0o600 });
  return privateKey;
}
