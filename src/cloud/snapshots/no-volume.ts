import type { VolumeId } from '../../platform/ids.ts';

/** What EC2 shows as the volume of a snapshot that was taken from none: a copy, one written block by block. */
export const noVolume = 'vol-ffffffff' as VolumeId;
