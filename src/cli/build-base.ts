/**
 * Builds a base image, whoever asks. A recipe makes files that belong to root inside the image, so it runs as
 * root; somebody else's runs in a user namespace, where it is root of nothing but its own files.
 */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BaseImage, type BaseName, buildBase } from '../../guest/build.ts';
import type { Architecture } from '../platform/ids.ts';
import { packageFacts } from '../platform/package-facts.ts';
import { CliError } from './errors.ts';

export interface BuildRequest {
  readonly name: BaseName;
  readonly architecture: Architecture;
  readonly directory: string;
  readonly onProgress: (line: string) => void;
}

export async function buildBaseHere(request: BuildRequest): Promise<BaseImage> {
  const { name, architecture, directory, onProgress } = request;
  if (process.getuid?.() === 0) return await buildBase(name, architecture, { directory, onProgress });
  const missing = await namespaceProblem();
  if (missing !== undefined)
    throw new CliError(`Base images are built by root, or in a user namespace; ${missing}`);
  return await buildInNamespace(request);
}

/** What keeps somebody who isn't root from building, with the cure; undefined where nothing does. */
export async function namespaceProblem(): Promise<string | undefined> {
  for (const tool of ['/usr/bin/unshare', '/usr/bin/newuidmap', '/usr/bin/newgidmap']) {
    const usable = await access(tool, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!usable) return `${tool} is missing here: apt-get install uidmap (or run this command with sudo -E)`;
  }
  return undefined;
}

/** Users as the host lends them to this one; mounts and processes that end with the build. */
const namespaces = [
  '--map-root-user',
  '--map-auto',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

async function buildInNamespace({
  name,
  architecture,
  directory,
  onProgress,
}: BuildRequest): Promise<BaseImage> {
  const { promise, resolve, reject } = Promise.withResolvers<BaseImage>();
  const recipe = [guestMain(), name, architecture, '--directory', directory];
  const child = spawn('/usr/bin/unshare', [...namespaces, process.execPath, ...recipe], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let last = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line.replace(/^\s*[\d.]+s\s+/, '');
    onProgress(last);
  });
  child.once('error', reject);
  child.once('close', (status) => {
    if (status === 0) resolve(JSON.parse(stdout) as BaseImage);
    else reject(new CliError(`${name} for ${architecture} could not be built: ${last}`));
  });
  return await promise;
}

/** TypeScript in a checkout, JavaScript in a package. */
function guestMain(): string {
  const { root } = packageFacts();
  return import.meta.filename.endsWith('.ts')
    ? join(root, 'guest', 'main.ts')
    : join(root, 'dist', 'guest', 'main.js');
}
