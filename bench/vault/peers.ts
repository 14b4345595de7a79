/** The backup programs that ingest the same disks. Each stores two versions in a repository of its own. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Peer {
  readonly name: string;
  prepare(): void;
  store(disk: string, version: string): void;
  readonly repository: string;
}

export function peersIn(folder: string): readonly Peer[] {
  const env = {
    ...process.env,
    RESTIC_PASSWORD: 'bench',
    BORG_BASE_DIR: join(folder, 'borg-home'),
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
  };
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [borg, restic, casync] = ['borg', 'restic', 'casync'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  return [
    {
      name: 'borg',
      repository: borg,
      prepare: () => run('borg', 'init', '-e', 'none', borg),
      store: (disk, version) =>
        run(
          'borg',
          'create',
          '--sparse',
          '--chunker-params',
          'fixed,524288',
          '-C',
          'zstd,1',
          `${borg}::${version}`,
          disk,
        ),
    },
    {
      name: 'restic',
      repository: restic,
      prepare: () => run('restic', '-q', '--no-cache', '-r', restic, 'init'),
      store: (disk) => run('restic', '-q', '--no-cache', '-r', restic, 'backup', disk),
    },
    {
      name: 'casync',
      repository: casync,
      prepare: () => undefined,
      store: (disk, version) =>
        run('casync', 'make', `--store=${casync}`, join(folder, `${version}.caibx`), disk),
    },
  ];
}

/** Of its files; a store of many folders is not charged for them. */
export function bytesOf(folder: string): number {
  const sizes = execFileSync('find', [folder, '-type', 'f', '-printf', '%s\n'], { maxBuffer: 1 << 28 });
  return sizes
    .toString()
    .trim()
    .split('\n')
    .reduce((sum, size) => sum + Number(size), 0);
}
