import type { RegisterImageRequest } from '@aws-sdk/client-ec2';
import { tagged, tagKeys } from '../aws/tags.ts';
import type { BuiltImage } from '../builds/build.ts';
import { builtImage, findOwnImage, imageAvailable } from '../builds/steps/create-image.ts';
import type { Factory } from '../factory.ts';
import { type FetchContext, fetchedTemplate } from './fetch.ts';

/** An image over the snapshots that were made of the disks. */
export async function registerImage(
  parts: Pick<Factory, 'targets'>,
  context: FetchContext,
): Promise<BuiltImage> {
  const { input, runId } = context;
  const { manifest, catalogue, imageName } = input;
  const { machine, template, version, architecture, description, sshUser } = manifest;
  const ec2 = await (await parts.targets.get(input.target)).client(input.region);
  const tags = {
    Name: imageName,
    [tagKeys.template]: fetchedTemplate(catalogue, template),
    [tagKeys.version]: version,
    [tagKeys.sshUser]: sshUser,
    [tagKeys.build]: runId,
  };
  const known = await findOwnImage(ec2, context);
  const { ImageId: imageId = '' } =
    known === undefined
      ? await ec2.registerImage({
          ...{ Name: imageName, Description: description.slice(0, 255), Architecture: architecture },
          ...{ RootDeviceName: machine?.rootDevice, VirtualizationType: 'hvm', EnaSupport: true },
          BootMode: machine?.bootMode as NonNullable<RegisterImageRequest['BootMode']>,
          BlockDeviceMappings: context.result('snapshots').map(({ device, snapshotId, sizeGiB }) => ({
            DeviceName: device,
            Ebs: { SnapshotId: snapshotId, VolumeSize: sizeGiB, DeleteOnTermination: true },
          })),
          TagSpecifications: tagged(['image'], tags),
        })
      : { ImageId: known };
  return builtImage(await imageAvailable(ec2, imageId, context));
}
