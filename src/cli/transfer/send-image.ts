/** An image at one cloud becomes one at another: its snapshots first, then its name, attributes and tags. */
import type { BlockDeviceMapping, Image, Snapshot } from '@aws-sdk/client-ec2';
import { size } from '../disk-files.ts';
import { CliError } from '../errors.ts';
import type { Stages } from '../stages.ts';
import type { CloudEnd } from './cloud-end.ts';
import { lineageTags, tagOf, tagsToSend } from './lineage.ts';
import { type SentSnapshot, sendSnapshot } from './send-snapshot.ts';

export interface SendImage {
  readonly image: Image;
  readonly from: CloudEnd;
  readonly to: CloudEnd;
  /** At the target; the same as at the source unless told. */
  readonly name?: string | undefined;
  readonly home: string;
  readonly parallel: number;
  readonly stages: Stages;
  readonly say: (text: string) => void;
}

/** Answers with the image's id at the target; one that is there already is answered as it is. */
export async function sendImage(request: SendImage): Promise<string> {
  const { image, to, stages } = request;
  const name = request.name ?? image.Name ?? '';
  const known = await imageNamed(to, name);
  if (known !== undefined) {
    if (tagOf(known.Tags, lineageTags.image) === image.ImageId) {
      request.say(`${name} is at ${to.title} already`);
      return known.ImageId ?? '';
    }
    throw new CliError(
      `${to.title} has another image named '${name}' (${known.ImageId}); give this one a name: --name`,
    );
  }
  const mappings: BlockDeviceMapping[] = [];
  for (const mapping of image.BlockDeviceMappings ?? []) mappings.push(await sendDevice(request, mapping));
  return await stages.run(
    `Registering ${name}`,
    () => register(request, name, mappings),
    (id) => id,
  );
}

async function sendDevice(request: SendImage, mapping: BlockDeviceMapping): Promise<BlockDeviceMapping> {
  const { DeviceName, Ebs, VirtualName } = mapping;
  if (Ebs?.SnapshotId === undefined) {
    return { DeviceName, ...(Ebs === undefined ? { VirtualName } : { Ebs: withoutSource(Ebs) }) };
  }
  const source = await snapshotAt(request.from, Ebs.SnapshotId);
  const { snapshotId } = await request.stages.run(
    `Sending ${DeviceName}`,
    (stage) =>
      sendSnapshot({
        source,
        from: request.from,
        to: request.to,
        home: request.home,
        parallel: request.parallel,
        onProgress: ({ percent, bytesSent }) => stage.update(`${percent} %, ${size(bytesSent)} sent`),
      }),
    told,
  );
  return { DeviceName, Ebs: { ...withoutSource(Ebs), SnapshotId: snapshotId } };
}

function told({ known, bytesSent, parent, snapshotId }: SentSnapshot): string {
  if (known) return `${snapshotId}, which was there`;
  return `${snapshotId}, ${size(bytesSent)} sent${parent === undefined ? '' : ` that changed since ${parent}`}`;
}

/** What the target is told anew: whose keys, and where it lay. */
function withoutSource(ebs: NonNullable<BlockDeviceMapping['Ebs']>): NonNullable<BlockDeviceMapping['Ebs']> {
  const { VolumeSize, VolumeType, DeleteOnTermination, Iops, Throughput } = ebs;
  return {
    VolumeSize,
    VolumeType,
    DeleteOnTermination,
    // Of other types they are what the type gives, and may not be said.
    ...(VolumeType === 'gp3' || VolumeType === 'io1' || VolumeType === 'io2' ? { Iops } : {}),
    ...(VolumeType === 'gp3' ? { Throughput } : {}),
  };
}

async function register(
  { image, from, to }: SendImage,
  Name: string,
  BlockDeviceMappings: BlockDeviceMapping[],
) {
  const { ImageId = '' } = await to.ec2.registerImage({
    Name,
    Description: image.Description,
    Architecture: image.Architecture,
    BootMode: image.BootMode,
    VirtualizationType: 'hvm',
    RootDeviceName: image.RootDeviceName,
    EnaSupport: image.EnaSupport,
    SriovNetSupport: image.SriovNetSupport,
    ImdsSupport: image.ImdsSupport,
    BlockDeviceMappings,
    TagSpecifications: [
      {
        ResourceType: 'image',
        Tags: [
          ...tagsToSend(image.Tags),
          { Key: lineageTags.image, Value: image.ImageId },
          { Key: lineageTags.region, Value: from.region },
        ],
      },
    ],
  });
  return ImageId;
}

async function imageNamed({ ec2 }: CloudEnd, name: string): Promise<Image | undefined> {
  const { Images = [] } = await ec2.describeImages({
    Owners: ['self'],
    Filters: [{ Name: 'name', Values: [name.replace(/[\\*?]/g, '\\$&')] }],
  });
  return Images[0];
}

async function snapshotAt(from: CloudEnd, snapshotId: string): Promise<Snapshot> {
  const { Snapshots = [] } = await from.ec2.describeSnapshots({ SnapshotIds: [snapshotId] });
  const [snapshot] = Snapshots;
  if (snapshot?.State === 'completed') return snapshot;
  throw new CliError(
    `${snapshotId} at ${from.title} is ${snapshot?.State ?? 'not to be seen'}; it must be completed`,
  );
}
