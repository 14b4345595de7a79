import { afterEach, beforeEach, expect, it } from 'vitest';
import { launch } from '../testing/launch.ts';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot, register } from '../testing/registered.ts';

let cloud: TestCloud;
let snapshotId: string;
beforeEach(async () => {
  cloud = await openTestCloud();
  snapshotId = await ownSnapshot(cloud);
});
afterEach(() => cloud.close());

type Input = Parameters<typeof register>[2];
const make = (input: Input = {}, as = {}) => register(cloud, 'made', { snapshotId, ...input }, as);
const refuses = (input: Input, code: string, message?: string) =>
  expect(make(input)).rejects.toMatchObject(message === undefined ? { code } : { code, message });
const image = async (id: string) => (await cloud.call('DescribeImages', { ImageIds: [id] })).Images?.[0];

it('an image of a snapshot is available at once and launches', async () => {
  const id = await make({
    Description: 'by hand',
    EnaSupport: true,
    BootMode: 'uefi-preferred',
    ImdsSupport: 'v2.0',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId, VolumeSize: 8, VolumeType: 'gp3' } },
      { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
    ],
    TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'k', Value: 'v' }] }],
  });
  expect(await image(id)).toMatchObject({
    State: 'available',
    Description: 'by hand',
    EnaSupport: true,
    BootMode: 'uefi-preferred',
    ImdsSupport: 'v2.0',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId, VolumeSize: 8 } },
      { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
    ],
    Tags: [{ Key: 'k', Value: 'v' }],
  });
  await launch(cloud, { ImageId: id });
});

it('size and root device have defaults, ENA has none, and an empty text is none', async () => {
  const empty = { KernelId: '', RamdiskId: '', UefiData: '', ImageLocation: '', SriovNetSupport: '' };
  expect(await image(await make(empty))).toMatchObject({
    RootDeviceName: '/dev/sda1',
    EnaSupport: false,
    BlockDeviceMappings: [{ Ebs: { VolumeSize: 1, DeleteOnTermination: true } }],
  });
});

it('what EC2 defaults to and this cloud has not must be said otherwise', async () => {
  await refuses(
    { Architecture: undefined },
    'InvalidParameterValue',
    'Value (i386) for parameter architecture is invalid. i386, which is the default, is not offered; give x86_64 or arm64.',
  );
  await refuses({ Architecture: 'x86_64_mac' }, 'InvalidParameterValue');
  await refuses({ VirtualizationType: undefined }, 'InvalidParameterValue');
  await refuses({ ImageLocation: 'bucket/manifest.xml' }, 'UnsupportedOperation');
  await refuses({ KernelId: 'aki-1' }, 'UnsupportedOperation');
  await refuses({ TpmSupport: 'v2.0' }, 'UnsupportedOperation');
  await refuses({ UefiData: 'x' }, 'UnsupportedOperation');
  await refuses({ BillingProducts: ['b'] }, 'UnsupportedOperation');
  await refuses({ BootMode: 'legacy-bios', Architecture: 'arm64' }, 'InvalidParameterValue');
});

it('the mapping must have a root of a complete snapshot that the caller owns', async () => {
  const device = (Ebs: object, DeviceName = '/dev/sda1') => ({ BlockDeviceMappings: [{ DeviceName, Ebs }] });
  await refuses({ BlockDeviceMappings: [] }, 'InvalidBlockDeviceMapping');
  await refuses(device({ VolumeSize: 8 }), 'InvalidBlockDeviceMapping');
  await refuses(device({ SnapshotId: snapshotId }, '/dev/sdf'), 'InvalidBlockDeviceMapping');
  await refuses(device({ SnapshotId: 'snap-1' }), 'InvalidSnapshotID.Malformed');
  await refuses(device({ SnapshotId: 'snap-0123456789abcdef0' }), 'InvalidSnapshot.NotFound');
  await refuses(
    device({ SnapshotId: snapshotId, Encrypted: false }),
    'InvalidBlockDeviceMapping',
    'the encrypted flag cannot be specified since device /dev/sda1 has a snapshot specified.',
  );
  const [mapping] = device({ SnapshotId: snapshotId }).BlockDeviceMappings;
  await refuses(
    { BlockDeviceMappings: mapping === undefined ? [] : [mapping, mapping] },
    'InvalidBlockDeviceMapping',
  );
  const others = await ownSnapshot(cloud, { accountId: accountB });
  await refuses({ snapshotId: others }, 'InvalidSnapshot.NotFound');
  await cloud.call(
    'ModifySnapshotAttribute',
    { SnapshotId: others, CreateVolumePermission: { Add: [{ Group: 'all' }] } },
    { accountId: accountB },
  );
  await refuses({ snapshotId: others }, 'AuthFailure', `Not authorized for snapshot:${others}`);
});

it('a volume smaller than its snapshot is refused', async () => {
  const { rootVolumeId } = await launch(cloud, {
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 9 } }],
  });
  const { SnapshotId = '' } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
  await refuses(
    { BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId, VolumeSize: 8 } }] },
    'InvalidBlockDeviceMapping',
    `Volume of size 8GB is smaller than snapshot '${SnapshotId}', expect size>= 9GB`,
  );
});

it('names are one image’s in an account and region, and dry runs say so', async () => {
  const first = await make();
  await refuses({}, 'InvalidAMIName.Duplicate', `AMI name made is already in use by AMI ${first}`);
  await refuses({ DryRun: true }, 'InvalidAMIName.Duplicate');
  await register(cloud, 'made', {}, { accountId: accountB });
  await register(cloud, 'other', { snapshotId });
  await expect(register(cloud, 'dry', { snapshotId, DryRun: true })).rejects.toMatchObject({
    code: 'DryRunOperation',
  });
  await expect(
    register(cloud, 'tagged', {
      snapshotId,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: '' }] }],
    }),
  ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});
