/** After a step: a snapshot of the build machine's root volume, from which a later build goes on. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { tagged, tagKeys } from '../aws/tags.ts';
import type { SetUpContext } from '../builds/build.ts';
import { withShell } from '../builds/machine-shell.ts';
import type { BuildParts } from '../builds/parts.ts';
import { cacheable } from './longest-prefix.ts';
import { stepKeys } from './step-keys.ts';

/** Doesn't wait for the snapshot: its point in time is now, and the next step may run. */
export async function saveLayer(parts: BuildParts, context: SetUpContext, position: number): Promise<void> {
  const { input } = context;
  const { count } = cacheable(input.template.steps, { use: input.cache.use });
  const key = stepKeys(input, context.result('base'))[position];
  const step = input.template.steps[position];
  if (position >= count || key === undefined || step === undefined) return;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  if (await isTakenBy(ec2, key, context.runId)) return;
  const place = { at: context.result('ssh'), keyFile: context.result('access').keyFile };
  await withShell(parts, context, place, (shell) => shell.exec('sync', { signal: context.signal }));
  const volumeId = await rootVolume(
    ec2,
    context.result('machine').instanceId,
    context.result('base').rootDevice,
  );
  await ec2.createSnapshot({
    VolumeId: volumeId,
    Description: `Ingot build cache: ${input.template.slug} after '${step.name}'`.slice(0, 255),
    TagSpecifications: tagged(['snapshot'], {
      Name: `ingot cache of ${input.template.slug}: ${step.name}`,
      [tagKeys.cache]: key,
      [tagKeys.cacheTemplate]: input.template.slug,
      [tagKeys.cacheStep]: `${step.name} / ${input.architecture}`,
      [tagKeys.build]: context.runId,
    }),
  });
}

/** A step that ran anew takes a new layer, which is then the one that counts: once a build. */
async function isTakenBy(ec2: EC2, key: string, runId: string): Promise<boolean> {
  const { Snapshots = [] } = await ec2.describeSnapshots({
    OwnerIds: ['self'],
    Filters: [
      { Name: `tag:${tagKeys.cache}`, Values: [key] },
      { Name: `tag:${tagKeys.build}`, Values: [runId] },
    ],
  });
  return Snapshots.length > 0;
}

async function rootVolume(ec2: EC2, instanceId: string, rootDevice: string): Promise<string> {
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  const instance = Reservations[0]?.Instances?.[0];
  const mappings = instance?.BlockDeviceMappings ?? [];
  const device = instance?.RootDeviceName ?? rootDevice;
  // The only disk is the root, whatever an EC2 that isn't AWS calls it.
  const mapping =
    mappings.length === 1 ? mappings[0] : mappings.find(({ DeviceName }) => DeviceName === device);
  if (mapping?.Ebs?.VolumeId === undefined) throw new Error(`${instanceId} shows no root volume`);
  return mapping.Ebs.VolumeId;
}
