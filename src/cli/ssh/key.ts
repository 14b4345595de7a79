/** The one SSH key of a home, made when first needed: `secrets/ssh/id_ed25519`, in OpenSSH's own form. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import { secretsFolder } from '../../server/secrets.ts';

export interface SshKey {
  readonly privateKey: string;
  /** One line: 'ssh-ed25519 … ingot' */
  readonly publicKey: string;
  /** For `ssh -i`. */
  readonly file: string;
}

export async function homeKey(home: string): Promise<SshKey> {
  const folder = join(secretsFolder(home), 'ssh');
  const file = join(folder, 'id_ed25519');
  const [privateKey, publicKey] = await Promise.all([readIfPresent(file), readIfPresent(`${file}.pub`)]);
  if (privateKey !== undefined && publicKey !== undefined) return { privateKey, publicKey, file };
  const { newSshKeyPair } = await import('../../platform/ssh-key-pair.ts');
  const made = newSshKeyPair('ingot');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The private key last: with it in place, both are there.
  await writeDurably(`${file}.pub`, `${made.publicKey}\n`, { mode: 0o644 });
  await writeDurably(file, made.privateKey, { mode: 0o600 });
  return { privateKey: made.privateKey, publicKey: `${made.publicKey}\n`, file };
}
