/** The version of a build that wasn't given one. */
import { gitDescription } from './git-description.ts';

export interface VersionChoice {
  /** The folder that the template lies in. */
  readonly directory: string;
  readonly now: Date;
  isTaken(version: string): Promise<boolean>;
}

/**
 * The git description of the template's folder, or the time. Where that version exists already (a weekly build of an
 * unchanged folder), it is the second, third, … build of it: `v1.2.3-r2`.
 */
export async function defaultVersion(choice: VersionChoice): Promise<string> {
  const first = (await gitDescription(choice.directory)) ?? timeVersion(choice.now);
  let version = first;
  for (let build = 2; await choice.isTaken(version); build++) version = `${first}-r${build}`;
  return version;
}

/** `20261121-065400`, in UTC. */
export function timeVersion(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
