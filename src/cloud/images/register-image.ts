import type { RegisterImageRequest, RegisterImageResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { withSnapshotSizes } from './device-snapshots.ts';
import { checkNameFree, insertImage } from './insert-image.ts';
import { registerRequest } from './register-request.ts';

/** An image of snapshots that are there already: it is available at once. */
export async function registerImage(
  cloud: Cloud,
  input: RegisterImageRequest,
  caller: Caller,
): Promise<RegisterImageResult> {
  const request = registerRequest(input);
  const tags = requestedTags(input.TagSpecifications, ['image']).get('image') ?? [];
  const owned = { region: caller.region, owner_id: caller.accountId, name: request.name };
  await withSnapshotSizes(cloud.db.read, caller, request.devices);
  await checkNameFree(cloud.db.read, owned);
  endDryRun(input);

  const imageId = newId('ami');
  await cloud.db.write(async (tx) => {
    const devices = await withSnapshotSizes(tx, caller, request.devices);
    await insertImage(
      tx,
      {
        ...owned,
        image_id: imageId,
        description: request.description,
        state: 'available',
        architecture: request.architecture,
        firmware: request.firmware,
        boot_mode: request.bootMode,
        created_at: cloud.now().toISOString(),
        root_device_name: request.rootDeviceName,
        block_devices: JSON.stringify(devices),
        ena_support: request.enaSupport ? 1 : 0,
        imds_support: request.imdsSupport,
      },
      tags,
    );
  });
  return { ImageId: imageId };
}
