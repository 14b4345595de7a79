/** Which older snapshots one may share blocks with: only with kin can EBS direct compare it. */
import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';

export interface KnownSnapshot {
  readonly snapshotId: string;
  readonly snapshot: Snapshot;
  /** The first image that stands on it, and the device there. */
  readonly image: Image;
  readonly device: string;
}

export interface Kin {
  /** At most a few of those that were added, the likeliest first. */
  relativesOf(known: KnownSnapshot): readonly string[];
  /** Oldest first: the latest of each kind is who is asked next. */
  add(known: KnownSnapshot): void;
}

/** As EC2 writes for a snapshot without a volume. */
const noVolume = 'vol-ffffffff';
/** Each costs a comparison. */
const most = 4;

export function openKin(): Kin {
  const latest = new Map<string, string>();
  return {
    relativesOf(known) {
      const found = [...parentsOf(known), ...namesOf(known)].flatMap((name) => latest.get(name) ?? []);
      return [...new Set(found)].slice(0, most);
    },
    add(known) {
      for (const name of namesOf(known)) latest.set(name, known.snapshotId);
    },
  };
}

/** What it has in common with its kin. */
function namesOf({ snapshot: { VolumeId = noVolume }, image, device }: KnownSnapshot): readonly string[] {
  const template = tagsOf(image)[tagKeys.template];
  return [
    ...(VolumeId === noVolume ? [] : [`volume ${VolumeId}`]),
    `image ${image.ImageId} ${device}`,
    ...(template === undefined ? [] : [`template ${template} ${device}`]),
    ...originsOf(image).map((imageId) => `made of ${imageId} ${device}`),
  ];
}

function parentsOf({ image, device }: KnownSnapshot): readonly string[] {
  return originsOf(image).map((imageId) => `image ${imageId} ${device}`);
}

/** The images that it came from, as EC2 and our own tag tell. */
function originsOf(image: Image): readonly string[] {
  const base = tagsOf(image)[tagKeys.base]?.split(' ')[0];
  return [image.SourceImageId, base].filter((imageId) => imageId !== undefined);
}
