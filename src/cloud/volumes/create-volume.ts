/** CreateVolume: an empty volume, or one that begins as a snapshot. The row is written; the reconciler makes it. */
import type { CreateVolumeRequest, Volume } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter, notTogether, unsupported } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import { keepToken, tokenResult } from '../client-token.ts';
import type { Cloud } from '../cloud.ts';
import { zonesOf } from '../regions/zones.ts';
import { readTags } from '../tags/read-tags.ts';
import { insertTags, requestedTags } from '../tags/tag-specifications.ts';
import { findVolume } from './find-volume.ts';
import { toVolume } from './to-volume.ts';
import { volumeSource } from './volume-source.ts';

export async function createVolume(
  cloud: Cloud,
  input: CreateVolumeRequest,
  caller: Caller,
): Promise<Volume> {
  const { ClientToken: token, DryRun: _, ...parameters } = input;
  const use = { action: 'CreateVolume', token, parameters };
  const earlier = await tokenResult(cloud.db.read, caller, use);
  if (earlier !== undefined) return await shown(cloud, caller, earlier);

  refuseUnserved(input);
  const zone = checkedZone(cloud, input, caller);
  const tags = requestedTags(input.TagSpecifications, ['volume']).get('volume') ?? [];
  const nodes = await Promise.all(cloud.nodes.ids.map((id) => cloud.nodes.get(id).facts()));
  // Once before a dry run ends, and once where it cannot change any more.
  await volumeSource(cloud.db.read, caller, input, nodes);
  endDryRun(input);

  const volumeId = await cloud.db.write(async (tx) => {
    const earlierNow = await tokenResult(tx, caller, use);
    if (earlierNow !== undefined) return earlierNow;
    const made = newId('vol');
    const source = await volumeSource(tx, caller, input, nodes);
    await tx
      .insertInto('volumes')
      .values({
        volume_id: made,
        region: caller.region,
        zone,
        owner_id: caller.accountId,
        ...source,
        state: 'creating',
        created_at: cloud.now().toISOString(),
        layer_id: newId('layer'),
      })
      .execute();
    const owned = { region: caller.region, ownerId: caller.accountId };
    await insertTags(tx, { id: made, type: 'volume', ...owned }, tags);
    await keepToken(tx, caller, use, made, cloud.now());
    return made;
  });
  const answer = await shown(cloud, caller, volumeId);
  cloud.wake();
  return answer;
}

async function shown(cloud: Cloud, caller: Caller, volumeId: string): Promise<Volume> {
  const row = await findVolume(cloud.db.read, caller, volumeId);
  const tags = await readTags(cloud.db.read, [volumeId]);
  return toVolume(cloud, row, tags.get(volumeId) ?? []);
}

function refuseUnserved(input: CreateVolumeRequest): void {
  if (input.Encrypted === true || (input.KmsKeyId ?? '') !== '') {
    throw unsupported(
      "Encrypted volumes are not offered by this cloud: their keys would lie on the same disk. Encrypt the node's disk instead.",
    );
  }
  if (input.MultiAttachEnabled === true) {
    throw unsupported('A volume is attached to one instance here; MultiAttachEnabled is not offered');
  }
  if (input.OutpostArn !== undefined) throw unsupported('This cloud has no Outposts');
}

/** Zones are names here: all are on the same nodes. */
function checkedZone(cloud: Cloud, input: CreateVolumeRequest, caller: Caller): string {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  if (name !== undefined && id !== undefined) throw notTogether('AvailabilityZone', 'AvailabilityZoneId');
  const wanted = name ?? id;
  if (wanted === undefined || wanted === '') throw missingParameter('AvailabilityZone');
  const zones = zonesOf(cloud, caller.region);
  const zone = zones.find((candidate) => candidate.name === name || candidate.id === id);
  if (zone !== undefined) return zone.name;
  const names = zones.map((candidate) => candidate.name).join(', ');
  throw new Ec2Fault('InvalidZone.NotFound', `The zone '${wanted}' does not exist. Zones: ${names}.`);
}
