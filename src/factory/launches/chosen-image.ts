/** All that a launch needs to know of the image that was found. */
import type { Architecture } from '../../platform/ids.ts';
import { sshUserOf } from '../bases/ssh-user.ts';
import { deprecation } from './deprecation.ts';
import type { LaunchChoice } from './launch-answer.ts';
import type { Answer, Asker, Found } from './ways/asker.ts';

export async function chosenImage(
  asker: Asker,
  { way, detail }: Answer,
  found: Found,
): Promise<LaunchChoice> {
  const { image, region = asker.region, template, version, proven = false, sshUser } = found;
  const ec2 = await asker.target.client(region);
  const { RootDeviceName: rootDevice = '/dev/sda1', BlockDeviceMappings: disks = [] } = image;
  const gibOf = (name: string | undefined) =>
    disks.find(({ DeviceName }) => DeviceName === name)?.Ebs?.VolumeSize ?? 0;
  const name = version === undefined ? template : `${template}@${version}`;
  const warnings = [
    await deprecation(asker, found),
    name !== undefined && !proven ? `${name} has no proof: no machine of it was ever checked` : undefined,
  ];
  return {
    imageId: image.ImageId ?? '',
    region,
    architecture: (image.Architecture as Architecture | undefined) ?? asker.architecture,
    way,
    why: detail,
    imageName: image.Name ?? image.ImageId ?? '',
    sshUser: await sshUserOf(ec2, image, sshUser),
    rootDevice,
    rootGiB: gibOf(rootDevice),
    sizeGiB: disks.reduce((sum, { Ebs }) => sum + (Ebs?.VolumeSize ?? 0), 0),
    ...(template === undefined ? {} : { template }),
    ...(version === undefined ? {} : { version }),
    proven,
    warnings: warnings.filter((text) => text !== undefined),
  };
}
