/** A fresh pair: RSA as a PKCS#1 PEM file, ED25519 in OpenSSH's own format, as EC2 hands them out. */
import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { newSshKeyPair } from '../../platform/ssh-key-pair.ts';
import {
  colons,
  type KeyType,
  type PublicKey,
  readPublicKey,
  sha256Fingerprint,
  sshBlob,
} from './public-key.ts';

export interface NewKeyPair {
  /** Told once, never kept. */
  readonly privateKey: string;
  readonly publicKey: Pick<PublicKey, 'type' | 'blob'>;
  readonly fingerprint: string;
}

const generate = promisify(generateKeyPair);

export async function newKeyPair(type: KeyType): Promise<NewKeyPair> {
  return type === 'rsa' ? await newRsa() : newEd25519();
}

async function newRsa(): Promise<NewKeyPair> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString().trimEnd(),
    publicKey: { type: 'rsa', blob: sshBlob(publicKey) },
    fingerprint: colons(createHash('sha1').update(pkcs8).digest()),
  };
}

function newEd25519(): NewKeyPair {
  const made = newSshKeyPair('');
  const publicKey = readPublicKey(Buffer.from(made.publicKey));
  return { privateKey: made.privateKey.trimEnd(), publicKey, fingerprint: sha256Fingerprint(publicKey.blob) };
}
