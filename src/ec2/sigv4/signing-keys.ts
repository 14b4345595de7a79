import { createHmac } from 'node:crypto';
import type { AccessKey } from '../types.ts';
import type { Scope } from './signature.ts';

/** Deriving a key takes four HMACs and holds for a day, so the last ones are kept. */
export interface SigningKeys {
  derive(key: AccessKey, scope: Scope): Buffer;
}

/** `limit`: how many derived keys are kept; the oldest goes first. */
export function createSigningKeys(limit = 256): SigningKeys {
  const kept = new Map<string, { readonly secret: string; readonly derived: Buffer }>();
  return {
    derive: (key, scope) => {
      const name = `${key.accessKeyId}/${scope.day}/${scope.region}/${scope.service}`;
      const known = kept.get(name);
      // A key id may have got a new secret since.
      if (known?.secret === key.secretAccessKey) return known.derived;
      const derived = deriveKey(key.secretAccessKey, scope);
      kept.set(name, { secret: key.secretAccessKey, derived });
      const oldest = kept.keys().next().value;
      if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
      return derived;
    },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, step 4 */
function deriveKey(secretAccessKey: string, { day, region, service }: Scope): Buffer {
  return [day, region, service, 'aws4_request'].reduce(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}
