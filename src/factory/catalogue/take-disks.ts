import { join } from 'node:path';
import { tagKeys } from '../aws/tags.ts';
import { deleteImagesOf } from '../builds/steps/create-image.ts';
import { snapshotOfDisk } from '../disks/snapshot-of-disk.ts';
import type { Factory } from '../factory.ts';
import { downloadFolder } from './download-disks.ts';
import type { FetchContext, FetchedDisk } from './fetch.ts';
import { showEntry } from './format.ts';

/** Snapshots of the verified files. What an earlier attempt began is removed first: it may be half of a disk. */
export async function takeDisks(
  parts: Pick<Factory, 'targets' | 'directories'>,
  context: FetchContext,
): Promise<readonly FetchedDisk[]> {
  const { input, runId, signal } = context;
  const target = await parts.targets.get(input.target);
  const [ec2, ebs] = await Promise.all([target.client(input.region), target.ebs(input.region)]);
  await deleteImagesOf(ec2, runId);
  const taken: FetchedDisk[] = [];
  for (const { device, sizeGiB, file } of input.manifest.machine?.disks ?? []) {
    const disk = {
      ...{ file: join(downloadFolder(parts, runId), file), sizeGiB },
      description: `${showEntry(input.manifest)} of the catalogue ${input.catalogue}`,
      tags: { Name: input.imageName, [tagKeys.build]: runId },
    };
    taken.push({ device, sizeGiB, snapshotId: await snapshotOfDisk({ ec2, ebs }, disk, signal) });
  }
  return taken;
}
