/** Signatures of webhooks, as Standard Webhooks has them: https://www.standardwebhooks.com */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';

const prefix = 'whsec_';
const secretBytes = 32;

export function webhookHeaders(
  secret: string,
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}

/** Where the receiver's secret lies, readable by its owner alone. */
export function secretFile(directory: string, receiver: string): string {
  return join(directory, 'webhooks', receiver);
}

/** Made when it is first needed. */
export async function webhookSecret(file: string): Promise<string> {
  const known = await readIfPresent(file);
  if (known !== undefined) return known.trim();
  const secret = `${prefix}${randomBytes(secretBytes).toString('base64')}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeDurably(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
