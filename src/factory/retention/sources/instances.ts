import { machinesInRegion } from '../../registry/machines-on-images.ts';
import type { ReferenceSource } from '../references.ts';

/** Machines made of an image need it as long as they exist: stopped ones too, and to be made anew. */
export const instancesOf: ReferenceSource = async ({ target, region }, imageIds) => {
  const machines = await machinesInRegion(target, region, imageIds);
  return machines.map(({ imageId, instanceId, name }) => ({
    imageId,
    kind: 'instance',
    because: `instance ${name === undefined ? instanceId : `${instanceId} (${name})`} is made of it`,
  }));
};
