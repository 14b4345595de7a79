/** What git calls the state of a folder. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A repository on a network file system may take its time; a build must not wait for ever. */
const timeoutMs = 30_000;

/**
 * `v1.2.3`, `v1.2.3-4-g1a2b3c4` or `1a2b3c4`: the commit that last changed something in the folder, as
 * `git describe --tags` names it, with `-dirty` where something in it isn't committed. A commit elsewhere in the
 * repository changes nothing. Undefined where the folder isn't in git, or git isn't installed.
 */
export async function gitDescription(folder: string): Promise<string | undefined> {
  const commit = await git(folder, 'log', '-1', '--format=%H', '--', '.').catch(nothingFrom);
  if (!commit) return undefined;
  try {
    const name = await git(folder, 'describe', '--tags', '--always', commit);
    const changes = await git(folder, 'status', '--porcelain', '--', '.');
    return changes === '' ? name : `${name}-dirty`;
  } catch (error) {
    throw new Error(`git could not describe ${folder}`, { cause: error });
  }
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  // Without this, `status` would take the repository's lock away from whoever works there.
  const { stdout } = await run('git', ['--no-optional-locks', '-C', folder, ...args], { timeout: timeoutMs });
  return stdout.trim();
}

/** Git isn't installed; or it has nothing to say (128): no repository, no commit, another user's folder. */
function nothingFrom(error: unknown): undefined {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ENOENT' || code === 128) return undefined;
  throw error;
}

/** Absolute paths in the folder's repository: what differs from the commit, committed since or not, and what is new. */
export async function filesChangedSince(folder: string, commit: string): Promise<ReadonlySet<string>> {
  try {
    const root = await git(folder, 'rev-parse', '--show-toplevel');
    const changed = await git(root, 'diff', '--name-only', '-z', '--end-of-options', commit, '--');
    const added = await git(root, 'ls-files', '--others', '--exclude-standard', '-z');
    const names = `${changed}\0${added}`.split('\0').filter((name) => name !== '');
    return new Set(names.map((name) => join(root, name)));
  } catch (cause) {
    throw new Error(`git can't tell what changed in ${folder} since '${commit}'`, { cause });
  }
}
