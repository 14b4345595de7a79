/**
 * CreateImage. The rows come first: an image and one snapshot a volume, all pending, each naming the layer that
 * it will hold. Then the instant is taken (capture-image.ts). Where the guest agent answers, or the caller said
 * NoReboot, that is done before the call answers, so what was written before the call is in the image and what
 * is written after the answer is not. Otherwise the answer is `pending` and the machine goes down in order.
 */
import type { CreateImageRequest, CreateImageResult } from '@aws-sdk/client-ec2';
import type { Insertable } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue } from '../../ec2/request-faults.ts';
import { notInImagingState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from '../instances/find-instance.ts';
import { volumesOf } from '../instances/machine-spec.ts';
import { type InstanceRow, instanceCan } from '../instances/record.ts';
import { insertPendingSnapshot } from '../snapshots/insert-snapshot.ts';
import { bringToRest } from '../snapshots/snapshottable.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { type CaptureMethod, captureImageNow } from './capture-image.ts';
import { capturedDevices } from './captured-devices.ts';
import { withSnapshotSizes } from './device-snapshots.ts';
import { checkedDescription, checkedName } from './image-name.ts';
import { checkNameFree, insertImage } from './insert-image.ts';
import type { ImageTable } from './table.ts';

export async function createImage(
  cloud: Cloud,
  input: CreateImageRequest,
  caller: Caller,
): Promise<CreateImageResult> {
  return await cloud.queue.run([input.InstanceId ?? ''], () => create(cloud, input, caller));
}

async function create(cloud: Cloud, input: CreateImageRequest, caller: Caller): Promise<CreateImageResult> {
  const instance = await findInstance(cloud, caller, input.InstanceId);
  const name = checkedName(input.Name);
  const description = checkedDescription(input.Description);
  const tags = requestedTags(input.TagSpecifications, ['image', 'snapshot']);
  if (input.SnapshotLocation === 'local') {
    throw invalidParameterValue(
      'SnapshotLocation local is for instances in a Local Zone; there is none here',
    );
  }
  checkCapturable(instance);
  const attached = await volumesOf(cloud, instance.instance_id);
  await bringToRest(
    cloud,
    attached.map((volume) => volume.volume_id),
  );
  const volumes = await volumesOf(cloud, instance.instance_id);
  const devices = capturedDevices(volumes, instance, input.BlockDeviceMappings);
  const bootMode = checkedBootMode(input, instance);
  const owned = { region: caller.region, owner_id: caller.accountId, name };
  await checkNameFree(cloud.db.read, owned);
  await withSnapshotSizes(cloud.db.read, caller, devices.added);
  endDryRun(input);

  const imageId = newId('ami');
  const now = cloud.now().toISOString();
  const method: CaptureMethod = await methodFor(cloud, instance, input.NoReboot ?? false);
  const snapshotIds = new Map(devices.captured.map((volume) => [volume.volume_id, newId('snap')]));
  await cloud.db.write(async (tx) => {
    const image: Insertable<ImageTable> = {
      ...owned,
      image_id: imageId,
      description,
      state: 'pending',
      architecture: instance.architecture,
      firmware: instance.firmware,
      boot_mode: bootMode,
      created_at: now,
      source_instance_id: instance.instance_id,
      source_image_id: instance.image_id,
      source_image_region: caller.region,
      root_device_name: instance.root_device_name,
      block_devices: JSON.stringify([
        ...devices.mapping(snapshotIds),
        ...(await withSnapshotSizes(tx, caller, devices.added)),
      ]),
      method,
    };
    await insertImage(tx, image, tags.get('image') ?? []);
    const taken = await tx
      .updateTable('instances')
      .set({ captured_by: imageId })
      .where('instance_id', '=', instance.instance_id)
      .where('captured_by', 'is', null)
      .where('state', '=', instance.state)
      .executeTakeFirst();
    if (taken.numUpdatedRows === 0n) throw busy(instance);
    for (const [volumeId, snapshotId] of snapshotIds) {
      await insertPendingSnapshot(tx, caller, {
        snapshotId,
        volumeId,
        description: `Created by CreateImage(${instance.instance_id}) for ${imageId}`,
        startedAt: now,
        tags: tags.get('snapshot') ?? [],
      });
    }
  });

  if (method === 'reboot') cloud.wake();
  else await captureImageNow(cloud, { imageId, name, instanceId: instance.instance_id });
  return { ImageId: imageId };
}

/** EC2 says it with these words, and clients wait on them. */
function checkCapturable(instance: InstanceRow): void {
  if (!instanceCan(instance, 'image')) throw notInImagingState(instance.instance_id);
}

function busy(instance: InstanceRow): Ec2Fault {
  return new Ec2Fault(
    'ConcurrentCreateImageNoRebootLimitExceeded',
    `Another image of ${instance.instance_id} is being taken, or its state has just changed; try again in a moment`,
  );
}

/** All but `reboot` take their instant before the call answers. */
async function methodFor(cloud: Cloud, instance: InstanceRow, noReboot: boolean): Promise<CaptureMethod> {
  if (noReboot || instance.state === 'stopped') return 'instant';
  const status = await cloud.nodes.get(instance.node_id).machine({ instanceId: instance.instance_id });
  return status.agent === 'answering' ? 'frozen' : 'reboot';
}

function checkedBootMode(input: CreateImageRequest, instance: InstanceRow): string | null {
  const wanted: string | undefined = input.BootModeOverride;
  if (wanted === undefined || wanted === '') return instance.boot_mode;
  if (wanted === 'uefi' && instance.firmware !== 'uefi') {
    throw invalidParameterValue(
      `BootModeOverride uefi needs an instance that booted by UEFI; ${instance.instance_id} booted by BIOS`,
    );
  }
  return wanted;
}
