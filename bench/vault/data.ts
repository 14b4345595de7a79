/** The disks that the bench works on: a file system with real files, and the same after an upgrade in place. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Extent } from '../../src/vault/ingest/block-source.ts';

export interface BenchData {
  readonly base: string;
  readonly baseLayer: string;
  readonly upgraded: string;
  /** What a layer over the base would hold, by 64 KiB. */
  readonly changes: readonly Extent[];
}

const step = 64 * 1024;

export function makeData(folder: string, mebibytes: number): BenchData {
  const [tree, base, upgraded, baseLayer] = ['tree', 'base.raw', 'upgraded.raw', 'base.qcow2'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const shell = (script: string) =>
    execFileSync('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  shell(`mkdir -p ${tree}`);
  // Programs and libraries of this machine, until there is enough.
  shell(
    `cd /usr && find bin lib share -xdev -type f -size +4k -printf '%s %p\n' | sort -k 2 | awk -v cap=${mebibytes * 1048576} '{ t += $1; if (t > cap) exit; print $2 }' | cpio -pdm --quiet ${tree}`,
  );
  shell(
    `truncate -s ${mebibytes * 4}M ${base} && mke2fs -q -F -t ext4 -d ${tree} ${base} && cp --sparse=always ${base} ${upgraded}`,
  );
  // An upgrade in place: new files, and some old ones replaced.
  const files = readdirSync('/usr/lib/x86_64-linux-gnu').map((name) =>
    join('/usr/lib/x86_64-linux-gnu', name),
  );
  const added = files.filter((file) => statSync(file).isFile()).slice(-120);
  const commands = added.map((file, n) => `write ${file} upgraded-${n}`).join('\n');
  const script = join(folder, 'upgrade.debugfs');
  writeFileSync(
    script,
    `${commands}
`,
  );
  shell(`debugfs -w -f ${script} ${upgraded} > /dev/null 2>&1`);
  shell(`qemu-img convert -O qcow2 -o cluster_size=128k,extended_l2=on -S 4k ${base} ${baseLayer}`);
  return { base, baseLayer, upgraded, changes: differences(base, upgraded) };
}

function differences(before: string, after: string): readonly Extent[] {
  const [a, b] = [openSync(before, 'r'), openSync(after, 'r')];
  const [left, right] = [Buffer.alloc(step), Buffer.alloc(step)];
  const found: Extent[] = [];
  for (let offset = 0; readSync(b, right, 0, step, offset) > 0; offset += step) {
    left.fill(0);
    readSync(a, left, 0, step, offset);
    if (!left.equals(right)) found.push({ offset, length: step, data: true });
  }
  closeSync(a);
  closeSync(b);
  return found;
}
