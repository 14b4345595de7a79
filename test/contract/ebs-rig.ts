/** A whole cloud over the simulated node with both AWS doors on one port, and EBS direct's official client. */
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { EBS } from '@aws-sdk/client-ebs';
import { EC2 } from '@aws-sdk/client-ec2';
import { openTestCloud, type TestCloud } from '../../src/cloud/testing/open-test-cloud.ts';
import { byPath } from '../../src/ec2/by-path.ts';
import { createEbsGateway } from '../../src/ec2/ebs/gateway.ts';
import { createGateway } from '../../src/ec2/gateway.ts';
import { createHttpServer } from '../../src/ec2/http-server.ts';
import type { AccessKey } from '../../src/ec2/types.ts';
import { silentLog } from '../../src/platform/log.ts';
import { testKey, testRegion } from './gateway-rig.ts';

export const blockBytes = 512 * 1024;

export interface EbsRig {
  readonly cloud: TestCloud;
  readonly endpoint: string;
  ebs(key?: AccessKey): EBS;
  ec2(key?: AccessKey): EC2;
  /** Keys of another account. */
  readonly stranger: AccessKey;
  close(): Promise<void>;
}

export async function startEbs(
  options: Parameters<typeof openTestCloud>[0] & { readonly maxConcurrent?: number } = {},
): Promise<EbsRig> {
  const { maxConcurrent, ...cloudOptions } = options;
  const cloud = await openTestCloud(cloudOptions);
  await cloud.admin.storeAccessKey(testKey);
  const stranger = await cloud.admin.addAccount('stranger');
  const gates = { keys: cloud.keys, log: silentLog, regions: [testRegion, 'eu-west-1'] };
  const server = createHttpServer(
    byPath({
      ec2: createGateway({ ...gates, operations: cloud.operations }),
      ebs: createEbsGateway({
        ...gates,
        operations: cloud.ebs,
        ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      }),
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = (credentials: AccessKey) => ({
    endpoint,
    region: testRegion,
    credentials,
    maxAttempts: 1,
  });
  return {
    cloud,
    endpoint,
    stranger,
    ebs: (key = testKey) => new EBS(settings(key)),
    ec2: (key = testKey) => new EC2(settings(key)),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await cloud.close();
    },
  };
}

export const shaOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('base64');

/** EBS's LINEAR aggregate of blocks in the order of their indexes. */
export function linear(...blocks: readonly Uint8Array[]): string {
  return shaOf(Buffer.concat(blocks.map((block) => Buffer.from(shaOf(block), 'base64'))));
}

export async function put(
  ebs: EBS,
  SnapshotId: string,
  BlockIndex: number,
  BlockData: Buffer,
): Promise<void> {
  const { Checksum } = await ebs.putSnapshotBlock({
    SnapshotId,
    BlockIndex,
    BlockData,
    DataLength: BlockData.length,
    Checksum: shaOf(BlockData),
    ChecksumAlgorithm: 'SHA256',
  });
  if (Checksum !== shaOf(BlockData)) throw new Error(`The checksum came back as ${Checksum}`);
}

/** A snapshot of these blocks, completed. */
export async function written(
  ebs: EBS,
  blocks: Readonly<Record<number, Buffer>>,
  options: { readonly parent?: string; readonly sizeGiB?: number } = {},
): Promise<string> {
  const { parent, sizeGiB: VolumeSize = 1 } = options;
  const { SnapshotId = '' } = await ebs.startSnapshot({
    VolumeSize,
    ...(parent === undefined ? {} : { ParentSnapshotId: parent }),
  });
  const indexes = Object.keys(blocks).map(Number);
  await Promise.all(indexes.map((index) => put(ebs, SnapshotId, index, blocks[index] as Buffer)));
  const { Status } = await ebs.completeSnapshot({
    SnapshotId,
    ChangedBlocksCount: indexes.length,
    Checksum: linear(...Object.values(blocks)),
    ChecksumAlgorithm: 'SHA256',
    ChecksumAggregationMethod: 'LINEAR',
  });
  if (Status !== 'completed') throw new Error(`${SnapshotId} is ${Status}`);
  return SnapshotId;
}
