/** @aws-sdk/client-ec2, unmodified: the whole flow, with the SDK's own waiters and paginators. */
import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../src/cloud/operations.ts';
import { type CloudRig, startCloud } from './cloud-rig.ts';

let rig: CloudRig;
let ec2: sdk.EC2;

beforeAll(async () => {
  rig = await startCloud();
  const { endpoint } = rig.gateway;
  const client = rig.gateway.client();
  ec2 = new sdk.EC2({
    endpoint,
    region: 'us-east-1',
    credentials: client.config.credentials,
    maxAttempts: 1,
  });
  client.destroy();
});
afterAll(async () => {
  ec2.destroy();
  await rig.close();
});

const often = () => ({ client: ec2, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 }) as const;
const one = { MinCount: 1, MaxCount: 1 } as const;

async function launch(input: object = {}): Promise<string> {
  const made = await ec2.runInstances({
    ImageId: rig.cloud.baseImageId,
    InstanceType: 't3.nano',
    ...one,
    ...input,
  });
  const instanceId = made.Instances?.[0]?.InstanceId ?? '';
  await sdk.waitUntilInstanceRunning(often(), { InstanceIds: [instanceId] });
  return instanceId;
}

describe('the SDK for JavaScript', () => {
  it('takes a machine from launch over image to launch, and every resource away again', async () => {
    const { KeyPairId } = await ec2.createKeyPair({ KeyName: 'sdk', KeyType: 'ed25519' });
    const { GroupId } = await ec2.createSecurityGroup({ GroupName: 'sdk', Description: 'the SDK' });
    const { SecurityGroupRules: [rule] = [] } = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    await ec2.modifySecurityGroupRules({
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: rule?.SecurityGroupRuleId,
          SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 22, ToPort: 23, CidrIpv4: '127.0.0.1/32' },
        },
      ],
    });
    const instanceId = await launch({ KeyName: 'sdk', SecurityGroupIds: [GroupId] });
    const { ImageId } = await ec2.createImage({ InstanceId: instanceId, Name: 'sdk-1', NoReboot: true });
    await sdk.waitUntilImageExists(often(), { ImageIds: [ImageId ?? ''] });
    await sdk.waitUntilImageAvailable(often(), { ImageIds: [ImageId ?? ''] });
    const { Images: [image] = [] } = await ec2.describeImages({ ImageIds: [ImageId ?? ''] });
    expect(image?.CreationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const SnapshotId = image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    await sdk.waitUntilSnapshotCompleted(often(), { SnapshotIds: [SnapshotId] });
    await ec2.createTags({ Resources: [ImageId ?? '', SnapshotId], Tags: [{ Key: 'a', Value: 'b' }] });
    const copy = await launch({ ImageId });
    await ec2.stopInstances({ InstanceIds: [copy] });
    await sdk.waitUntilInstanceStopped(often(), { InstanceIds: [copy] });
    await ec2.startInstances({ InstanceIds: [copy] });
    await sdk.waitUntilInstanceRunning(often(), { InstanceIds: [copy] });
    await ec2.terminateInstances({ InstanceIds: [instanceId, copy] });
    await sdk.waitUntilInstanceTerminated(often(), { InstanceIds: [instanceId, copy] });
    const removed = await ec2.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
    expect(removed.DeleteSnapshotResults).toMatchObject([{ SnapshotId, ReturnCode: 'success' }]);
    await ec2.deleteSecurityGroup({ GroupId });
    await ec2.deleteKeyPair({ KeyPairId });
  });

  it('pages through what there is much of', async () => {
    for (let index = 0; index < 7; index++) {
      await ec2.importKeyPair({ KeyName: `k${index}`, PublicKeyMaterial: Buffer.from(ed25519Line) });
      await ec2.createSecurityGroup({ GroupName: `g${index}`, Description: 'paged' });
    }
    const names: string[] = [];
    for await (const page of sdk.paginateDescribeSecurityGroups({ client: ec2, pageSize: 5 }, {})) {
      expect(page.SecurityGroups?.length).toBeLessThanOrEqual(5);
      names.push(...(page.SecurityGroups ?? []).map((group) => group.GroupName ?? ''));
    }
    expect(names.sort()).toEqual(['default', ...Array.from({ length: 7 }, (_, index) => `g${index}`)]);
  });

  it('gets every empty or full list that a Describe call answers', async () => {
    const describes = operationNames.filter((name) => name.startsWith('Describe') && !needsId.has(name));
    expect(describes.length).toBeGreaterThan(20);
    for (const name of describes) {
      const method = (name.charAt(0).toLowerCase() + name.slice(1)) as 'describeVpcs';
      const input = name === 'DescribeLaunchTemplateVersions' ? { Versions: ['$Latest'] } : {};
      const answer = await ec2[method](input as sdk.DescribeVpcsCommandInput);
      expect(answer.$metadata.httpStatusCode, name).toBe(200);
    }
  });

  it('is told of a dry run for every call that would have succeeded', async () => {
    const describes = operationNames.filter((name) => name.startsWith('Describe') && !needsId.has(name));
    for (const name of describes) {
      const method = (name.charAt(0).toLowerCase() + name.slice(1)) as 'describeVpcs';
      const input = name === 'DescribeLaunchTemplateVersions' ? { Versions: ['$Latest'] } : {};
      const refused = ec2[method]({ ...input, DryRun: true } as sdk.DescribeVpcsCommandInput);
      await expect(refused, name).rejects.toMatchObject({ name: 'DryRunOperation' });
    }
  });
});

/** Describe calls that ask for one resource. */
const needsId: ReadonlySet<string> = new Set([
  'DescribeImageAttribute',
  'DescribeImageReferences',
  'DescribeInstanceAttribute',
  'DescribeSnapshotAttribute',
  'DescribeVolumeAttribute',
  'DescribeVpcAttribute',
]);

const ed25519Line =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPQfuhFzpp7gFdyvUSbKWnDnMVN4vnKkW0aJ2F2LlGe someone';
