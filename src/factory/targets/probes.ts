/** A dry run of each action: the request that asks whether it would be allowed. */
import type { EC2 } from '@aws-sdk/client-ec2';

interface Things {
  readonly instanceId: string;
  readonly ownImageId: string;
  readonly imageId: string;
  readonly snapshotId: string;
  readonly groupId: string;
  readonly region: string;
}

export type Probe = (ec2: EC2, things: Things) => Promise<unknown>;

const dry = { DryRun: true } as const;
const named = 'ingot-check';
const tags = [{ Key: 'ingot:check', Value: 'dry run' }];
// The public half of a pair whose private half was thrown away.
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMKnv0Ec/zUEONViSFIkQjQUSCplSk+brEmQ6V1ylj4m ingot-check';

/** What isn't here can't be asked without doing it. */
export const probes: Readonly<Record<string, Probe>> = {
  DescribeRegions: (ec2) => ec2.describeRegions(dry),
  DescribeImages: (ec2) => ec2.describeImages({ ...dry, Owners: ['self'] }),
  DescribeInstances: (ec2) => ec2.describeInstances(dry),
  DescribeInstanceStatus: (ec2) => ec2.describeInstanceStatus(dry),
  DescribeSnapshots: (ec2) => ec2.describeSnapshots({ ...dry, OwnerIds: ['self'] }),
  DescribeTags: (ec2) => ec2.describeTags(dry),
  DescribeSecurityGroups: (ec2) => ec2.describeSecurityGroups(dry),
  DescribeSubnets: (ec2) => ec2.describeSubnets(dry),
  DescribeKeyPairs: (ec2) => ec2.describeKeyPairs(dry),
  DescribeLaunchTemplates: (ec2) => ec2.describeLaunchTemplates(dry),
  RunInstances: (ec2, { imageId }) =>
    ec2.runInstances({ ...dry, ImageId: imageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  TerminateInstances: (ec2, { instanceId }) => ec2.terminateInstances({ ...dry, InstanceIds: [instanceId] }),
  StopInstances: (ec2, { instanceId }) => ec2.stopInstances({ ...dry, InstanceIds: [instanceId] }),
  StartInstances: (ec2, { instanceId }) => ec2.startInstances({ ...dry, InstanceIds: [instanceId] }),
  GetConsoleOutput: (ec2, { instanceId }) => ec2.getConsoleOutput({ ...dry, InstanceId: instanceId }),
  CreateImage: (ec2, { instanceId }) => ec2.createImage({ ...dry, InstanceId: instanceId, Name: named }),
  CopyImage: (ec2, { ownImageId, region }) =>
    ec2.copyImage({ ...dry, SourceImageId: ownImageId, SourceRegion: region, Name: named }),
  DeregisterImage: (ec2, { ownImageId }) => ec2.deregisterImage({ ...dry, ImageId: ownImageId }),
  DisableImage: (ec2, { ownImageId }) => ec2.disableImage({ ...dry, ImageId: ownImageId }),
  EnableImage: (ec2, { ownImageId }) => ec2.enableImage({ ...dry, ImageId: ownImageId }),
  DescribeImageAttribute: (ec2, { ownImageId }) =>
    ec2.describeImageAttribute({ ...dry, ImageId: ownImageId, Attribute: 'launchPermission' }),
  ModifyImageAttribute: (ec2, { ownImageId }) =>
    ec2.modifyImageAttribute({ ...dry, ImageId: ownImageId, Description: { Value: named } }),
  ResetImageAttribute: (ec2, { ownImageId }) =>
    ec2.resetImageAttribute({ ...dry, ImageId: ownImageId, Attribute: 'launchPermission' }),
  ModifySnapshotAttribute: (ec2, { snapshotId }) =>
    ec2.modifySnapshotAttribute({
      ...dry,
      SnapshotId: snapshotId,
      Attribute: 'createVolumePermission',
      OperationType: 'remove',
      UserIds: ['000000000000'],
    }),
  RegisterImage: (ec2, { snapshotId }) =>
    ec2.registerImage({
      ...dry,
      Name: named,
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotId } }],
    }),
  DeleteSnapshot: (ec2, { snapshotId }) => ec2.deleteSnapshot({ ...dry, SnapshotId: snapshotId }),
  CreateTags: (ec2, { ownImageId }) => ec2.createTags({ ...dry, Resources: [ownImageId], Tags: tags }),
  DeleteTags: (ec2, { ownImageId }) => ec2.deleteTags({ ...dry, Resources: [ownImageId], Tags: tags }),
  CreateSecurityGroup: (ec2) =>
    ec2.createSecurityGroup({ ...dry, GroupName: named, Description: 'ingot target check' }),
  AuthorizeSecurityGroupIngress: (ec2, { groupId }) =>
    ec2.authorizeSecurityGroupIngress({
      ...dry,
      GroupId: groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.1/32' }] },
      ],
    }),
  DeleteSecurityGroup: (ec2, { groupId }) => ec2.deleteSecurityGroup({ ...dry, GroupId: groupId }),
  ImportKeyPair: (ec2) =>
    ec2.importKeyPair({ ...dry, KeyName: named, PublicKeyMaterial: Buffer.from(publicKey) }),
  DeleteKeyPair: (ec2) => ec2.deleteKeyPair({ ...dry, KeyName: named }),
};
