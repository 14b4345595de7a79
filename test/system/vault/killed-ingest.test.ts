/** An ingest killed again and again completes, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/platform/log.ts';
import { directoryStore, openVault } from '../../../src/vault/vault.ts';
import { run, snapshotId, temporary } from './temporary.ts';

const kills = 50;

test(`an ingest that is killed ${kills} times completes, and nothing is left over`, async () => {
  const place = await temporary();
  const [store, disk] = [place.path('us-east-1'), place.path('disk.raw')];
  await run('sh', '-c', `head -c 90000000 /dev/urandom > ${disk}`);
  const ingest = async (...dieAfter: readonly string[]) => {
    const child = spawn(process.execPath, [
      `${import.meta.dirname}/ingest-child.ts`,
      ...[store, disk, snapshotId(1)],
      ...dieAfter,
    ]);
    return await once(child, 'close');
  };
  for (let n = 0; n < kills; n++) {
    // A place in the disk that jumps about.
    const block = 1 + ((n * 37) % 171);
    expect(await ingest(String(block))).toEqual([null, 'SIGKILL']);
  }
  expect(await ingest()).toEqual([0, null]);

  const vault = openVault({
    store: directoryStore(store),
    regionName: 'us-east-1',
    log: silentLog,
    leaseMs: 1,
  });
  const restored = place.path('restored.raw');
  await vault.restoreSnapshot({ snapshotId: snapshotId(1), file: restored });
  expect((await readFile(restored)).equals(await readFile(disk))).toBe(true);
  expect((await vault.verify()).harms).toEqual([]);
  // The killed sessions still hold their lease of a minute; nobody renews it.
  await run('find', `${store}/sessions`, '-type', 'f', '-exec', 'touch', '-d', '2 hours ago', '{}', '+');
  await run('find', `${store}/tmp`, '-type', 'f', '-exec', 'touch', '-d', '2 hours ago', '{}', '+');
  await vault.collect({ graceMs: 0 });
  const files = await readdir(store, { recursive: true, withFileTypes: true });
  const names = files
    .filter((entry) => entry.isFile())
    .map((entry) => entry.parentPath.slice(store.length + 1));
  // 172 blocks and one leaf.
  expect(names.filter((name) => name.startsWith('chunks'))).toHaveLength(173);
  expect(names.filter((name) => /^(sessions|collections|tmp)/.test(name))).toEqual([]);
  await vault.deleteSnapshot(snapshotId(1));
  expect(await vault.collect({ graceMs: 0 })).toMatchObject({ chunksDeleted: 173 });
  await vault.close();
  await place.close();
});
