import type { Architecture } from '../../platform/ids.ts';
import { timeVersion } from '../versions/default-version.ts';

const longest = 128;

/** `web-v1.2.3-x86_64-20261121-065400`: what EC2 doesn't take in a name becomes a dash. */
export function imageNameOf(parts: {
  readonly slug: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly now: Date;
}): string {
  const end = `-${parts.architecture}-${timeVersion(parts.now)}`;
  const start = `${parts.slug}-${parts.version}`.replaceAll(/[^A-Za-z0-9()[\] ./\-'@_]+/g, '-');
  return `${start.slice(0, longest - end.length)}${end}`;
}
