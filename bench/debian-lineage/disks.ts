/**
 * Debian disks of one lineage: the base, packages installed in it, those packages upgraded in place, one more package.
 * Each is a layer over the one before, as a machine would have left it, and the same as a raw file.
 * Layers stay in the temporary folder: the next run takes the same. Delete them for those of Debian's present day.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBaseHere } from '../../src/cli/build-base.ts';
import { openQcow2Source } from '../../src/vault/vault.ts';
import { qemuImg } from '../frame/copy-of-machine.ts';
import { bases } from '../frame/own-server.ts';
import type { BenchFrame } from '../frame/run-bench.ts';

const execute = promisify(execFile);

export interface LineageDisk {
  readonly name: string;
  /** What was done to it; for the upgrade with the number of packages. */
  readonly account: string;
  readonly layer: string;
  /** The layer below. */
  readonly parent: string | undefined;
  readonly raw: string;
  /** Of the raw file, without its holes. */
  readonly dataBytes: number;
  /** Allocated in the layer. */
  readonly changedBytes: number;
}

export const packages =
  'nginx-core postgresql redis-server php8.2-cli openjdk-17-jre-headless nodejs imagemagick git vim-tiny';

/** The last line that each prints is its account. */
const changes = [
  {
    name: 'packages',
    // As of Debian's last point release, so that there are security updates for the upgrade.
    script: `apt-get -q update
      apt-get -qy -o APT::Default-Release=bookworm install ${packages}
      apt-get clean
      echo "$(dpkg-query --show | wc -l) packages, with ${packages.split(' ').length} installed by name"`,
  },
  {
    name: 'upgraded',
    script: `count=$(apt-get --simulate dist-upgrade | grep -c ^Inst || true)
      if [ "$count" -gt 0 ]; then apt-get -qy dist-upgrade; account="$count packages upgraded"
      else apt-get -qy --reinstall install ${packages}; account="nothing to upgrade: packages installed again"; fi
      apt-get clean
      echo "$account"`,
  },
  {
    name: 'small',
    script: `apt-get -qy install jq
      apt-get clean
      echo "jq installed"`,
  },
] as const;

export async function lineageDisks(frame: BenchFrame): Promise<readonly LineageDisk[]> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The disks of this measurement are mounted on this machine, which only root can: try sudo',
    );
  }
  const base = await buildBaseHere({
    ...{ name: 'debian-12', architecture: 'x86_64', directory: bases },
    onProgress: frame.say,
  });
  const recipe = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 8);
  const folder = join(tmpdir(), 'ingot-bench-debian-lineage', `${base.version}-${recipe}`);
  await mkdir(folder, { recursive: true });
  let below = join(folder, 'base.qcow2');
  if (!existsSync(below)) {
    await qemuImg('convert', '-O', 'qcow2', '-o', layerOptions, base.file, `${below}.draft`);
    await rename(`${below}.draft`, below);
  }
  const disks = [
    await describe(frame, { name: 'base', account: base.imageName, layer: below, parent: undefined }),
  ];
  for (const { name, script } of frame.quick ? changes.slice(0, 1) : changes) {
    const layer = join(folder, `${name}.qcow2`);
    const accountFile = join(folder, `${name}.txt`);
    if (!existsSync(layer)) {
      frame.say(`making the disk '${name}'`);
      await writeFile(accountFile, await makeLayer(frame, layer, below, script));
    }
    const account = (await readFile(accountFile, 'utf8')).trim();
    disks.push(await describe(frame, { name, account, layer, parent: below }));
    below = layer;
  }
  return disks;
}

const layerOptions = 'cluster_size=128k,extended_l2=on';

/** What the script said last. */
async function makeLayer(frame: BenchFrame, layer: string, below: string, script: string): Promise<string> {
  const draft = `${layer}.draft`;
  await qemuImg('create', '-q', '-f', 'qcow2', '-o', layerOptions, '-F', 'qcow2', '-b', below, draft);
  const work = await mkdtemp(join(frame.folder, 'change-'));
  const own = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const change = join(import.meta.dirname, 'change-disk.sh');
  const { stdout } = await execute('unshare', [...own, change, draft, work, script], { maxBuffer: 1 << 26 });
  await rename(draft, layer);
  return stdout.trim().split('\n').at(-1) ?? '';
}

async function describe(
  frame: BenchFrame,
  disk: Pick<LineageDisk, 'name' | 'account' | 'layer' | 'parent'>,
): Promise<LineageDisk> {
  const raw = join(frame.folder, `${disk.name}.raw`);
  await qemuImg('convert', '-S', '4k', '-O', 'raw', disk.layer, raw);
  const source = await openLayer(disk);
  let changedBytes = 0;
  for await (const { length, data } of source.extents()) if (data) changedBytes += length;
  await source.close();
  return { ...disk, raw, dataBytes: (await stat(raw)).blocks * 512, changedBytes };
}

/** Its extents are what differs from the parent. */
export function openLayer({ layer, parent }: Pick<LineageDisk, 'layer' | 'parent'>) {
  return openQcow2Source(
    layer,
    parent === undefined ? { backing: 'refuse' } : { backing: 'follow', since: parent },
  );
}
