import { chmod, chown, copyFile, cp, mkdir, open, readdir, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { libraryClosure } from '../debian/libraries.ts';
import { mergedPath, resolveInStage } from '../debian/stage.ts';
import { readRecipeLines, readRecipeList } from '../recipe-list.ts';

export interface RootTreeInput {
  readonly recipe: string;
  readonly stage: string;
  readonly tree: string;
  readonly multiarch: string;
  readonly signal: AbortSignal | undefined;
}

const directories = [
  ...['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'mnt', 'boot', 'home/ec2-user', 'etc/dropbear'],
  ...[
    'var/lib/ingot',
    'var/log',
    'var/www',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'usr/local/bin',
    'usr/local/sbin',
  ],
];

// Where it is not what files are made with: 0755 for programs, scripts and directories, 0644 for the rest.
const modes: Readonly<Record<string, number>> = {
  root: 0o700,
  tmp: 0o1777,
  'home/ec2-user': 0o700,
  'etc/sudoers': 0o440,
  'usr/bin/sudo': 0o4755,
};

/** The root file system apart from the kernel: programs with their libraries, links, and tiny/root on top. */
export async function makeRootTree(input: RootTreeInput): Promise<void> {
  const { recipe, stage, tree } = input;
  for (const directory of directories) await mkdir(join(tree, directory), { recursive: true });
  for (const [path = '', target = ''] of await readRecipeLines(join(recipe, 'links'))) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await symlink(target, join(tree, path));
  }

  const listed = await readRecipeList(join(recipe, 'programs'));
  const programs = listed.map((path) => path.replace('{multiarch}', input.multiarch));
  const libraries = await libraryClosure(stage, programs, input.multiarch, input.signal);
  for (const path of [...programs, ...libraries]) await copyFromStage(stage, path, tree);
  await linkLoader(libraries, tree);

  await installOverlay(join(recipe, 'root'), tree);
  await copyFile(join(recipe, '../disk/grow'), join(tree, 'usr/lib/ingot/grow'));
  await chmod(join(tree, 'usr/lib/ingot/grow'), 0o755);
  const applets = await readRecipeList(join(recipe, 'applets'));
  for (const applet of applets) await symlink('busybox', join(tree, 'usr/bin', applet));
  for (const [path, mode] of Object.entries(modes)) await chmod(join(tree, path), mode);
  await chown(join(tree, 'home/ec2-user'), 1000, 1000);
}

/** By name and not as a link, so that a library is there under the name it is asked for. */
async function copyFromStage(stage: string, path: string, tree: string): Promise<void> {
  const target = join(tree, mergedPath(path));
  const source = await resolveInStage(stage, path).catch((cause: unknown) => {
    throw new Error(`None of the packages listed holds ${path}`, { cause });
  });
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, (await stat(source)).mode & 0o755);
}

/** Programs name the dynamic loader by an absolute path: /lib64 on x86_64, /lib on arm64. */
async function linkLoader(libraries: readonly string[], tree: string): Promise<void> {
  const loader = libraries.find((path) => basename(path).startsWith('ld-linux-'));
  if (loader === undefined) throw new Error('No library needs a dynamic loader: libc6 is not what it was');
  for (const folder of ['usr/lib', 'usr/lib64']) {
    await symlink(relative(folder, mergedPath(loader)), join(tree, folder, basename(loader)));
  }
}

/** Scripts are known by their first line: git keeps the executable bit, a copied checkout may not. */
async function installOverlay(overlay: string, tree: string): Promise<void> {
  await cp(overlay, tree, { recursive: true });
  for (const entry of await readdir(overlay, { recursive: true, withFileTypes: true })) {
    const path = join(tree, relative(overlay, join(entry.parentPath, entry.name)));
    await chmod(path, entry.isDirectory() || (await isScript(path)) ? 0o755 : 0o644);
  }
}

async function isScript(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString() === '#!';
  } finally {
    await handle.close();
  }
}
