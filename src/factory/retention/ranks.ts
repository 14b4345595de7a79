/** How many newer ones an image has: among all of its line, and among those that each channel pointed to. */
import { compareVersions } from '../versions/compare-versions.ts';
import type { ManagedImage } from './managed-image.ts';

export interface Rank {
  readonly rank: number;
  /** `web`, or `web on stable`. */
  readonly among: string;
}

/** By version, not by when it was made: a patch of an old release made today is no newer than the release after it. */
export function newestFirst(line: readonly ManagedImage[]): readonly ManagedImage[] {
  return line.toSorted((a, b) => compareVersions(b, a));
}

/** The best that each has. Images are of one line, newest first. */
export function ranksOf(images: readonly ManagedImage[]): ReadonlyMap<ManagedImage, Rank> {
  const ranks = new Map<ManagedImage, Rank>();
  const count = (among: string, those: readonly ManagedImage[]) => {
    for (const [rank, image] of those.entries()) {
      const known = ranks.get(image);
      if (known === undefined || rank < known.rank) ranks.set(image, { rank, among });
    }
  };
  count(images[0]?.template ?? '', images);
  const byChannel = new Map<string, ManagedImage[]>();
  for (const image of images) {
    for (const channel of image.channels) {
      const those = byChannel.get(channel);
      if (those === undefined) byChannel.set(channel, [image]);
      else those.push(image);
    }
  }
  for (const [channel, those] of byChannel) count(`${images[0]?.template} on ${channel}`, those);
  return ranks;
}
