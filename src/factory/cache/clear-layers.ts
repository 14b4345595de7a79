import type { EC2 } from '@aws-sdk/client-ec2';
import { deleteSnapshot } from '../aws/delete-snapshot.ts';
import type { Factory } from '../factory.ts';
import type { Layer } from './layers.ts';
import { type CacheChoice, listLayers } from './list-layers.ts';

/** Deletes them and answers those that went; one that a build starts from right now stays. */
export async function clearLayers(
  factory: Pick<Factory, 'targets'>,
  choice: CacheChoice,
): Promise<readonly Layer[]> {
  const target = await factory.targets.get(choice.target);
  const cleared: Layer[] = [];
  for (const layer of await listLayers(factory, choice)) {
    if (await deleteLayer(await target.client(layer.region), layer)) cleared.push(layer);
  }
  return cleared;
}

/** False where an image holds it: a build's start, which goes with the build. */
export async function deleteLayer(ec2: EC2, { snapshotId }: Pick<Layer, 'snapshotId'>): Promise<boolean> {
  return await deleteSnapshot(ec2, snapshotId);
}
