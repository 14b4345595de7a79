/** Which machines run on images, asked of the targets themselves. */
import type { Instance } from '@aws-sdk/client-ec2';
import type { Targets } from '../targets/target.ts';

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

/** EC2 takes 200 values a filter. */
const idsARequest = 200;

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
        machines.push(...(await inRegion(targets, target, region, group)));
      } catch (error) {
        unanswered.push({ target, region, reason: error instanceof Error ? error.message : String(error) });
      }
    }),
  );
  return { machines: machines.sort((a, b) => a.instanceId.localeCompare(b.instanceId)), unanswered };
}

async function inRegion(
  targets: Targets,
  target: string,
  region: string,
  images: readonly ImagePlace[],
): Promise<readonly MachineOnImage[]> {
  const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const client = await (await targets.get(target)).client(region);
  const found: MachineOnImage[] = [];
  for (let at = 0; at < images.length; at += idsARequest) {
    const Filters = [
      { Name: 'image-id', Values: images.slice(at, at + idsARequest).map(({ imageId }) => imageId) },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
    ];
    for await (const page of paginateDescribeInstances({ client }, { Filters, MaxResults: 1000 })) {
      const instances = (page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      found.push(...instances.map((instance) => toMachine(target, region, instance)));
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
