/** A whole cloud over the simulated node, behind the gateway on a free port: what official clients talk to. */
import { openTestCloud, type TestCloud } from '../../src/cloud/testing/open-test-cloud.ts';
import { type GatewayRig, startGateway, testKey, testRegion } from './gateway-rig.ts';

export interface CloudRig {
  readonly cloud: TestCloud;
  readonly gateway: GatewayRig;
  /** What AWS tools read: credentials and region, and nothing of this machine's own. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startCloud(): Promise<CloudRig> {
  const cloud = await openTestCloud();
  await cloud.admin.storeAccessKey(testKey);
  const gateway = await startGateway({ operations: cloud.operations, keys: cloud.keys });
  return {
    cloud,
    gateway,
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: cloud.directory,
      AWS_ACCESS_KEY_ID: testKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testKey.secretAccessKey,
      AWS_DEFAULT_REGION: testRegion,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
    async close() {
      await gateway.close();
      await cloud.close();
    },
  };
}
