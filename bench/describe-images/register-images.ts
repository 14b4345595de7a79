/** Brings an account to so many images, through the API: all of one small snapshot. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { until } from '../frame/own-server.ts';
import { standing, standOut } from './questions.ts';

const atOnce = 8;

export async function registerImages(ec2: EC2, wanted: number): Promise<void> {
  const { Images: images = [] } = await ec2.describeImages({ Owners: ['self'] });
  const [known] = images;
  const snapshotId = known?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? (await smallSnapshot(ec2));
  let next = images.length;
  const worker = async () => {
    while (next < wanted) {
      const number = next++;
      const stands = number < standOut;
      const tags = [
        { Key: 'team', Value: stands ? standing.team : `team-${number % 50}` },
        { Key: 'version', Value: `1.${number}.0` },
      ];
      await ec2.registerImage({
        Name: `${stands ? standing.name : 'golden'}-${String(number).padStart(5, '0')}`,
        Description: 'One of many',
        Architecture: 'x86_64',
        VirtualizationType: 'hvm',
        RootDeviceName: '/dev/sda1',
        BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotId } }],
        TagSpecifications: [{ ResourceType: 'image', Tags: tags }],
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function smallSnapshot(ec2: EC2): Promise<string> {
  const { AvailabilityZones: [zone] = [] } = await ec2.describeAvailabilityZones({});
  const { VolumeId: volumeId = '' } = await ec2.createVolume({
    Size: 1,
    AvailabilityZone: zone?.ZoneName,
  });
  await until(async () => {
    const { Volumes: [volume] = [] } = await ec2.describeVolumes({ VolumeIds: [volumeId] });
    return volume?.State === 'available' ? true : undefined;
  }, 50);
  const { SnapshotId: snapshotId = '' } = await ec2.createSnapshot({ VolumeId: volumeId });
  await until(async () => {
    const { Snapshots: [snapshot] = [] } = await ec2.describeSnapshots({ SnapshotIds: [snapshotId] });
    return snapshot?.State === 'completed' ? true : undefined;
  }, 50);
  return snapshotId;
}
