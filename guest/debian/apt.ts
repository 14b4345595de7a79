import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';

/**
 * Debian packages of any architecture, fetched and verified by the host's apt in a private state directory:
 * nothing of the host's own package lists is read or changed, only how it reaches its mirror (proxies, mirror site).
 */

export interface PackageSource {
  /** Kept between builds: package lists and downloaded .debs. */
  readonly directory: string;
  readonly debianArchitecture: 'amd64' | 'arm64';
  readonly signal: AbortSignal | undefined;
  readonly progress: (line: string) => void;
}

export const suite = 'bookworm';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const publicMirror = 'http://deb.debian.org/debian';
const publicSecurityMirror = 'http://deb.debian.org/debian-security';

/** sources.list lines for the recipe's release, on the mirror this host already uses for it where there is one. */
export async function sourceLines(signal?: AbortSignal): Promise<readonly string[]> {
  const printed = await run(
    'apt-get',
    ['indextargets', '--format', '$(CODENAME) $(SITE) $(REPO_URI)', 'Created-By: Packages', 'Origin: Debian'],
    {
      signal,
    },
  );
  const mirrors = new Map<string, string>();
  for (const line of printed.split('\n')) {
    const [codename, , uri] = line.split(' ');
    if (codename && uri && !mirrors.has(codename)) mirrors.set(codename, uri.replace(/\/$/, ''));
  }
  const main = mirrors.get(suite) ?? publicMirror;
  const security = mirrors.get(`${suite}-security`) ?? publicSecurityMirror;
  return [
    `deb [signed-by=${keyring}] ${main} ${suite} main`,
    `deb [signed-by=${keyring}] ${main} ${suite}-updates main`,
    `deb [signed-by=${keyring}] ${security} ${suite}-security main`,
  ];
}

/** Brings the package lists up to date; without a network the lists of the last build do. */
export async function updateLists(source: PackageSource): Promise<void> {
  await mkdir(join(source.directory, 'state/lists/partial'), { recursive: true });
  await mkdir(join(source.directory, 'cache/archives/partial'), { recursive: true });
  await mkdir(join(source.directory, 'debs'), { recursive: true });
  await writeFile(join(source.directory, 'state/status'), '');
  await writeFile(
    join(source.directory, 'sources.list'),
    `${(await sourceLines(source.signal)).join('\n')}\n`,
  );
  try {
    await apt('apt-get', source, ['update', '--error-on=any']);
  } catch (cause) {
    source.signal?.throwIfAborted();
    const lists = await readdir(join(source.directory, 'state/lists'));
    if (!lists.some((file) => file.endsWith('_Packages')))
      throw new Error('Cannot fetch the Debian package lists', { cause });
    source.progress('the Debian mirror does not answer: using the package lists of the last build');
  }
}

/** The kernel package that Debian's cloud metapackage stands for today. */
export async function cloudKernelPackage(source: PackageSource): Promise<string> {
  const metapackage = `linux-image-cloud-${source.debianArchitecture}`;
  const printed = await apt('apt-cache', source, ['depends', metapackage]);
  const found = /Depends: (linux-image-\S+)/.exec(printed)?.[1];
  if (found === undefined)
    throw new Error(`${metapackage} depends on no linux-image package; apt-cache said: ${printed}`);
  return found;
}

/** Downloads the packages that are not there yet, checks all, and returns their paths in the order asked for. */
export async function downloadPackages(
  source: PackageSource,
  names: readonly string[],
): Promise<readonly string[]> {
  const debs = join(source.directory, 'debs');
  // apt leaves a file that is already there, and right, as it is.
  await apt('apt-get', source, ['download', ...names], debs);
  const files = parseDebNames(await apt('apt-cache', source, ['show', '--no-all-versions', ...names]));
  return names.map((name) => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`apt-cache show says nothing of ${name}`);
    return join(debs, file);
  });
}

/** Package name → the name apt gives its file, from the stanzas that apt-cache show prints. */
export function parseDebNames(stanzas: string): ReadonlyMap<string, string> {
  const field = (stanza: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  return new Map(
    stanzas.split('\n\n').flatMap((stanza) => {
      const name = field(stanza, 'Package');
      const version = field(stanza, 'Version').replace(':', '%3a');
      return name === '' ? [] : [[name, `${name}_${version}_${field(stanza, 'Architecture')}.deb`]];
    }),
  );
}

function apt(
  program: 'apt-get' | 'apt-cache',
  source: PackageSource,
  args: readonly string[],
  cwd = source.directory,
): Promise<string> {
  const { directory, debianArchitecture, signal } = source;
  const settings = [
    `APT::Architecture=${debianArchitecture}`,
    `APT::Architectures=${debianArchitecture}`,
    `Dir::State=${join(directory, 'state')}`,
    `Dir::State::status=${join(directory, 'state/status')}`,
    `Dir::Cache=${join(directory, 'cache')}`,
    `Dir::Etc::sourcelist=${join(directory, 'sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    // The unprivileged user apt downloads as cannot enter a directory under /root.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ];
  return run(program, ['-q', ...settings.flatMap((setting) => ['-o', setting]), ...args], { cwd, signal });
}
