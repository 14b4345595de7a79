/** Which machines run on images, asked of the targets themselves. */
import type { Instance } from '@aws-sdk/client-ec2';
import { filterValues, inBatches } from '../aws/in-batches.ts';
import type { Target, Targets } from '../targets/target.ts';

export interface MachineOnImage {
  readonly target: string;
  readonly region: string;
  readonly instanceId: string;
  readonly imageId: string;
  readonly state: string;
  /** Its `Name` tag. */
  readonly name?: string;
  readonly launchedAt?: string;
}

export interface MachinesFound {
  readonly machines: readonly MachineOnImage[];
  /** Regions that did not answer: what runs there is unknown, not nothing. */
  readonly unanswered: readonly {
    readonly target: string;
    readonly region: string;
    readonly reason: string;
  }[];
}

export interface ImagePlace {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
}

/** Pending, running, stopping and stopped ones: all that are still there. */
export async function machinesOnImages(
  targets: Targets,
  images: readonly ImagePlace[],
): Promise<MachinesFound> {
  const regions = Map.groupBy(images, ({ target, region }) => `${target} ${region}`);
  const machines: MachineOnImage[] = [];
  const unanswered: { target: string; region: string; reason: string }[] = [];
  await Promise.all(
    [...regions.values()].map(async (group) => {
      const [{ target, region }] = group as [ImagePlace];
      try {
        const ids = group.map(({ imageId }) => imageId);
        machines.push(...(await machinesInRegion(await targets.get(target), region, ids)));
      } catch (error) {
        unanswered.push({ target, region, reason: error instanceof Error ? error.message : String(error) });
      }
    }),
  );
  return { machines: machines.sort((a, b) => a.instanceId.localeCompare(b.instanceId)), unanswered };
}

const livingStates = ['pending', 'running', 'stopping', 'stopped'];

/** Throws where the region doesn't answer. */
export async function machinesInRegion(
  target: Target,
  region: string,
  imageIds: readonly string[],
): Promise<readonly MachineOnImage[]> {
  const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const found: MachineOnImage[] = [];
  for (const Values of inBatches(imageIds, filterValues - livingStates.length)) {
    const Filters = [
      { Name: 'image-id', Values },
      { Name: 'instance-state-name', Values: livingStates },
    ];
    for await (const page of paginateDescribeInstances({ client }, { Filters, MaxResults: 1000 })) {
      const instances = (page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      found.push(...instances.map((instance) => toMachine(target.name, region, instance)));
    }
  }
  return found;
}

function toMachine(target: string, region: string, instance: Instance): MachineOnImage {
  const name = instance.Tags?.find(({ Key }) => Key === 'Name')?.Value;
  return {
    target,
    region,
    instanceId: instance.InstanceId ?? '',
    imageId: instance.ImageId ?? '',
    state: instance.State?.Name ?? '',
    ...(name === undefined ? {} : { name }),
    ...(instance.LaunchTime === undefined ? {} : { launchedAt: instance.LaunchTime.toISOString() }),
  };
}
