/**
 * CopyImage, called in the region of the copy. The copy has snapshots of its own, so it stays when its source
 * goes. In its source's region it is available at once; in another, when that region's vault has its snapshots.
 */
import type { CopyImageRequest, CopyImageResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type ImageId, newId } from '../../platform/ids.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import { isCompleteAtOnce } from '../snapshots/copied-snapshot.ts';
import { checkCompletionMinutes, checkCopy, checkedSourceRegion } from '../snapshots/copy-request.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { copiedTags, copyableSnapshots, copyDevices } from './copied-image.ts';
import { readImage } from './find-image.ts';
import { checkedDescription, checkedName } from './image-name.ts';
import { checkNameFree, insertImage } from './insert-image.ts';
import { type ImageRow, imageCan } from './record.ts';

export async function copyImage(
  cloud: Cloud,
  input: CopyImageRequest,
  caller: Caller,
): Promise<CopyImageResult> {
  const { ClientToken: token, DryRun: _, ...parameters } = input;
  const use = { action: 'CopyImage', token, parameters };
  const earlier = await tokenResult(cloud.db.read, caller, use);
  if (earlier !== undefined) return { ImageId: earlier };

  const owned = { region: caller.region, owner_id: caller.accountId, name: checkedName(input.Name) };
  const description = checkedDescription(input.Description);
  const tags = requestedTags(input.TagSpecifications, ['image', 'snapshot']);
  checkCopy(input);
  checkCompletionMinutes(
    input.SnapshotCopyCompletionDurationMinutes,
    'snapshotCopyCompletionDurationMinutes',
  );
  if (input.SourceImageId === undefined || input.SourceImageId === '')
    throw missingParameter('SourceImageId');
  const from = { ...caller, region: checkedSourceRegion(cloud, input.SourceRegion) };
  const source = checkCopyable(await readImage(cloud.db.read, from, input.SourceImageId));
  await copyableSnapshots(cloud.db.read, caller, source);
  await checkNameFree(cloud.db.read, owned);
  endDryRun(input);

  const imageId = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow as ImageId;
    const image = checkCopyable(await readImage(tx, from, input.SourceImageId));
    const made = newId('ami');
    const atOnce = isCompleteAtOnce(caller, image);
    const snapshotTags = tags.get('snapshot') ?? [];
    const devices = await copyDevices(tx, cloud, caller, { from: image, to: made, tags: snapshotTags });
    const given = tags.get('image') ?? [];
    await insertImage(
      tx,
      {
        ...owned,
        image_id: made,
        description,
        ...(atOnce ? { state: 'available' } : { state: 'pending', method: 'copy' }),
        architecture: image.architecture,
        firmware: image.firmware,
        boot_mode: image.boot_mode,
        created_at: cloud.now().toISOString(),
        source_image_id: image.image_id,
        source_image_region: image.region,
        root_device_name: image.root_device_name,
        block_devices: JSON.stringify(devices),
        ena_support: image.ena_support,
        imds_support: image.imds_support,
        tpm_support: image.tpm_support,
      },
      input.CopyImageTags === true ? await copiedTags(tx, caller, image, given) : given,
    );
    await keepToken(tx, caller, use, made, cloud.now());
    return made;
  });
  cloud.wake();
  return { ImageId: imageId };
}

function checkCopyable(image: ImageRow): ImageRow {
  if (imageCan(image, 'copy')) return image;
  throw incorrectState(
    `The image '${image.image_id}' is in the '${image.state}' state; only an available image can be copied`,
  );
}
