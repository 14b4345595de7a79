import { inBatches } from '../in-batches.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** Machines made of an image need it as long as they exist: stopped ones too, and to be made anew. */
export const instancesOf: ReferenceSource = async ({ target, region }, imageIds) => {
  const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const found: Reference[] = [];
  for (const Values of inBatches(imageIds)) {
    const Filters = [
      { Name: 'image-id', Values },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
    ];
    for await (const page of paginateDescribeInstances({ client }, { Filters })) {
      for (const instance of (page.Reservations ?? []).flatMap((each) => each.Instances ?? [])) {
        const name = instance.Tags?.find(({ Key }) => Key === 'Name')?.Value;
        const shown = name === undefined ? instance.InstanceId : `${instance.InstanceId} (${name})`;
        found.push({
          imageId: instance.ImageId ?? '',
          kind: 'instance',
          because: `instance ${shown} is made of it`,
        });
      }
    }
  }
  return found;
};
