/**
 * Public keys as people hand them in, and EC2's fingerprints of them.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import ssh2 from 'ssh2';
import { Ec2Fault } from '../../ec2/faults.ts';

export type KeyType = 'rsa' | 'ed25519';

export interface PublicKey {
  readonly type: KeyType;
  /** The key as SSH sends it. */
  readonly blob: Buffer;
  readonly key: KeyObject;
}

const rsaBits: readonly number[] = [1024, 2048, 3072, 4096];

/** An OpenSSH line, an RFC 4716 file, or an X.509 key as PEM or as base64 of its DER. */
export function readPublicKey(material: Uint8Array): PublicKey {
  const text = Buffer.from(material).toString('utf8').trim();
  const key = sshKey(text) ?? x509Key(text);
  if (key === undefined) {
    throw new Ec2Fault('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  }
  return key;
}

/** One line for authorized_keys. */
export function openSshLine({ type, blob }: Pick<PublicKey, 'type' | 'blob'>, comment: string): string {
  return `${wireNames[type]} ${blob.toString('base64')} ${comment}`;
}

/** Of an imported key; an RSA key made by CreateKeyPair has another one (see create-key-pair.ts). */
export function importedFingerprint({ type, blob, key }: PublicKey): string {
  if (type === 'ed25519') return sha256Fingerprint(blob);
  return colons(
    createHash('md5')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest(),
  );
}

export function sha256Fingerprint(blob: Buffer): string {
  return createHash('sha256').update(blob).digest('base64');
}

/** 'ab:cd:…' */
export function colons(digest: Buffer): string {
  return (digest.toString('hex').match(/../g) ?? []).join(':');
}

const wireNames = { rsa: 'ssh-rsa', ed25519: 'ssh-ed25519' } as const satisfies Record<KeyType, string>;

function sshKey(text: string): PublicKey | undefined {
  const parsed = ssh2.utils.parseKey(text);
  // Several keys in one text, and private keys, are not what EC2 imports.
  if (parsed instanceof Error || Array.isArray(parsed) || parsed.isPrivateKey()) return undefined;
  return known(createPublicKey(parsed.getPublicPEM()), parsed.getPublicSSH());
}

function x509Key(text: string): PublicKey | undefined {
  const pem = text.startsWith('-----BEGIN ');
  const base64 = /^[A-Za-z0-9+/\s]+={0,2}$/.test(text);
  if ((!pem && !base64) || text.includes('PRIVATE')) return undefined;
  try {
    const key = pem
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' });
    return known(key, sshBlob(key));
  } catch {
    // Whatever OpenSSL says of it: it is no key.
    return undefined;
  }
}

function known(key: KeyObject, blob: Buffer): PublicKey | undefined {
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519', blob, key };
  if (key.asymmetricKeyType !== 'rsa') return undefined;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (rsaBits.includes(bits)) return { type: 'rsa', blob, key };
  throw new Ec2Fault(
    'InvalidKey.Format',
    `The RSA key has ${bits} bits. Allowed: ${rsaBits.join(', ')} bits, or an ED25519 key.`,
  );
}

/** RFC 4253, 6.6; RFC 8709, 4. */
export function sshBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const number = (value = '') => {
    const bytes = Buffer.from(value, 'base64url');
    return (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  };
  const fields =
    key.asymmetricKeyType === 'rsa'
      ? [Buffer.from(wireNames.rsa), number(jwk.e), number(jwk.n)]
      : [Buffer.from(wireNames.ed25519), Buffer.from(jwk.x ?? '', 'base64url')];
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}
