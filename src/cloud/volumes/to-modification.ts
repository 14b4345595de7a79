import type { VolumeModification } from '@aws-sdk/client-ec2';
import { modificationOf, type VolumeRow } from './record.ts';

export function toModification(volume: VolumeRow): VolumeModification | undefined {
  const modification = modificationOf(volume);
  if (modification === undefined) return undefined;
  return {
    VolumeId: volume.volume_id,
    ModificationState: modification.state,
    StatusMessage: modification.statusMessage,
    OriginalSize: modification.originalSizeGiB,
    TargetSize: modification.targetSizeGiB,
    OriginalVolumeType: modification.originalType as VolumeModification['OriginalVolumeType'],
    TargetVolumeType: modification.targetType as VolumeModification['TargetVolumeType'],
    OriginalIops: modification.originalIops ?? undefined,
    TargetIops: modification.targetIops ?? undefined,
    OriginalThroughput: modification.originalThroughput ?? undefined,
    TargetThroughput: modification.targetThroughput ?? undefined,
    OriginalMultiAttachEnabled: false,
    TargetMultiAttachEnabled: false,
    Progress: modification.state === 'completed' ? 100 : 0,
    StartTime: new Date(modification.startedAt),
    EndTime: modification.endedAt === undefined ? undefined : new Date(modification.endedAt),
  };
}
