/** What a home keeps to itself, made at the first start: `secrets/`, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newCredentials } from '../cloud/accounts/accounts.ts';
import { readIfPresent, writeDurably } from '../platform/files.ts';

const credentialsSchema = z.strictObject({ accessKeyId: z.string(), secretAccessKey: z.string() });

export type Credentials = z.infer<typeof credentialsSchema>;

/** Each is one file. */
const files = {
  /** The default account's root user. */
  root: 'root-credentials.json',
  /** The account that owns the base images: it can deregister them. */
  bases: 'bases-credentials.json',
  /** Opens the admin door. */
  token: 'admin-token',
  /** Signs pagination tokens. */
  signing: 'signing-secret',
} as const;

export interface Secrets {
  readonly root: Credentials;
  readonly bases: Credentials;
  readonly adminToken: string;
  readonly signingSecret: Uint8Array;
}

export async function openSecrets(home: string): Promise<Secrets> {
  const folder = secretsFolder(home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const newText = () => randomBytes(32).toString('base64url');
  return {
    root: await credentials(join(folder, files.root)),
    bases: await credentials(join(folder, files.bases)),
    adminToken: await kept(join(folder, files.token), newText),
    signingSecret: Buffer.from(await kept(join(folder, files.signing), newText), 'base64url'),
  };
}

/** What a client on this machine needs; undefined where no server has ever started. */
export async function readClientSecrets(
  home: string,
): Promise<Pick<Secrets, 'root' | 'bases' | 'adminToken'> | undefined> {
  const folder = secretsFolder(home);
  const [root, bases, token] = await Promise.all(
    [files.root, files.bases, files.token].map((file) => readIfPresent(join(folder, file))),
  );
  if (root === undefined || bases === undefined || token === undefined) return undefined;
  return { root: parse(root), bases: parse(bases), adminToken: token.trim() };
}

export function secretsFolder(home: string): string {
  return join(home, 'secrets');
}

async function credentials(file: string): Promise<Credentials> {
  return parse(await kept(file, () => JSON.stringify(newCredentials(), null, 2)));
}

function parse(text: string): Credentials {
  return credentialsSchema.parse(JSON.parse(text));
}

async function kept(file: string, make: () => string): Promise<string> {
  const known = await readIfPresent(file);
  if (known !== undefined) return known.trim();
  const made = make();
  await writeDurably(file, `${made}\n`, { mode: 0o600 });
  return made;
}
