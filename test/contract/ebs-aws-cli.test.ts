/** EBS direct as Debian's AWS CLI sees it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blockBytes, type EbsRig, linear, shaOf, startEbs } from './ebs-rig.ts';
import { testKey, testRegion } from './gateway-rig.ts';

const run = promisify(execFile);

let rig: EbsRig;
beforeAll(async () => {
  rig = await startEbs();
});
afterAll(() => rig.close());

async function ebs<T>(...args: readonly string[]): Promise<T> {
  const { stdout } = await run('/usr/bin/aws', ['--endpoint-url', rig.endpoint, 'ebs', ...args], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: rig.cloud.directory,
      AWS_ACCESS_KEY_ID: testKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testKey.secretAccessKey,
      AWS_DEFAULT_REGION: testRegion,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
  });
  return JSON.parse(stdout) as T;
}

interface Started {
  readonly SnapshotId: string;
}
interface Listed {
  readonly Blocks: readonly { readonly BlockIndex: number; readonly BlockToken: string }[];
}
interface Changed {
  readonly ChangedBlocks: readonly { readonly BlockIndex: number; readonly SecondBlockToken: string }[];
}

it('starts, puts, completes, lists, compares and gets', async () => {
  const block = randomBytes(blockBytes);
  const file = join(rig.cloud.directory, 'block');
  await writeFile(file, block);
  const { SnapshotId: parent } = await ebs<Started>(
    'start-snapshot',
    '--volume-size',
    '1',
    '--tags',
    'Key=a,Value=b',
  );
  const put = (snapshot: string, index: string) =>
    ebs(
      ...['put-snapshot-block', '--snapshot-id', snapshot, '--block-index', index, '--block-data', file],
      ...['--data-length', String(blockBytes), '--checksum', shaOf(block), '--checksum-algorithm', 'SHA256'],
    );
  const complete = (snapshot: string, count: string, ...more: readonly string[]) =>
    ebs('complete-snapshot', '--snapshot-id', snapshot, '--changed-blocks-count', count, ...more);
  expect(await put(parent, '7')).toEqual({ Checksum: shaOf(block), ChecksumAlgorithm: 'SHA256' });
  expect(
    await complete(
      ...([parent, '1', '--checksum', linear(block), '--checksum-algorithm', 'SHA256'] as const),
      ...['--checksum-aggregation-method', 'LINEAR'],
    ),
  ).toEqual({ Status: 'completed' });

  const { SnapshotId: child } = await ebs<Started>(
    ...['start-snapshot', '--volume-size', '1', '--parent-snapshot-id', parent],
  );
  await put(child, '9');
  await complete(child, '1');
  const { Blocks } = await ebs<Listed>('list-snapshot-blocks', '--snapshot-id', child);
  expect(Blocks.map(({ BlockIndex }) => BlockIndex)).toEqual([7, 9]);
  const { ChangedBlocks } = await ebs<Changed>(
    ...['list-changed-blocks', '--first-snapshot-id', parent, '--second-snapshot-id', child],
  );
  expect(ChangedBlocks).toMatchObject([{ BlockIndex: 9 }]);
  const out = join(rig.cloud.directory, 'out');
  const got = await ebs(
    ...['get-snapshot-block', '--snapshot-id', child, '--block-index', '9'],
    ...['--block-token', ChangedBlocks[0]?.SecondBlockToken ?? '', out],
  );
  expect(got).toMatchObject({ DataLength: String(blockBytes), Checksum: shaOf(block) });
  expect((await readFile(out)).equals(block)).toBe(true);
});

it('says what is wrong in EBS’s words', async () => {
  const failed = await ebs('list-snapshot-blocks', '--snapshot-id', 'snap-00000000000000000').then(
    () => undefined,
    (error: unknown) => error as { readonly stderr: string },
  );
  expect(failed?.stderr).toContain('ResourceNotFoundException');
  expect(failed?.stderr).toContain("The snapshot 'snap-00000000000000000' does not exist.");
});
