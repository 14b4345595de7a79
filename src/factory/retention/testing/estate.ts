/**
 * An estate of many images with every kind of use, and what a cleanup that keeps the newest 3 and 90 days must do with
 * each: said here by how the image was made, not by how retention decides.
 */
import type { Image, Instance, LaunchPermission, LaunchTemplateVersion, Snapshot } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../../platform/ids.ts';
import { type EstateRows, newRows, writeRows } from './estate-rows.ts';
import type { RetentionFactory } from './retention.ts';

export const estateRegion = 'us-east-1';
export const estateRules = { keepLatest: 3, maxAgeMs: 90 * 86_400_000 };

export interface Estate {
  readonly images: Map<string, Image>;
  readonly snapshots: Map<string, Snapshot>;
  readonly instances: Instance[];
  readonly launchTemplateVersions: LaunchTemplateVersion[];
  /** By image id. */
  readonly shares: Map<string, LaunchPermission>;
  /** By image id: why it stays; undefined where it goes. */
  readonly expected: Map<string, keyof typeof uses | 'young' | undefined>;
}

interface UsedImage {
  readonly estate: Estate;
  readonly rows: EstateRows;
  readonly number: number;
  readonly imageId: string;
  readonly image: Image;
  readonly place: {
    readonly target: string;
    readonly template: string;
    readonly region: string;
    readonly architecture: Architecture;
  };
}

const tagged = ({ image }: UsedImage, Key: string, Value: string) => {
  image.Tags = [...(image.Tags ?? []), { Key, Value }];
};
const buildOf = ({ rows, number, imageId }: UsedImage, state: string) => {
  const id = `build-${number}`;
  const none = { input: '{}', left_over: '[]', created_at: '' };
  rows.workflow_runs.push({ id, workflow: 'build', state, ...none });
  const step = { name: 'base', position: 0, state: 'done', started_at: '' };
  rows.workflow_steps.push({ run_id: id, ...step, result: JSON.stringify({ imageId }) });
  return id;
};

export const uses = {
  instance: ({ estate, number, imageId }: UsedImage) => {
    estate.instances.push({ InstanceId: hexId('i', number), ImageId: imageId, State: { Name: 'stopped' } });
  },
  'launch template': ({ estate, imageId }: UsedImage) => {
    const VersionNumber = estate.launchTemplateVersions.length + 1;
    estate.launchTemplateVersions.push({ VersionNumber, LaunchTemplateData: { ImageId: imageId } });
  },
  channel: ({ rows, imageId, place, number }: UsedImage) => {
    rows.channels.push({ ...place, channel: `channel-${number}`, image_id: imageId });
  },
  'to be rolled back to': ({ rows, imageId, place, number }: UsedImage) => {
    const move = { action: 'promoted', at: '', by: '', why: '', forced: 0 };
    rows.channel_moves.push({ ...place, ...move, channel: `once-${number}`, to_image_id: imageId });
  },
  pin: (used: UsedImage) => tagged(used, 'ingot:pin', 'the audit'),
  protection: ({ image }: UsedImage) => {
    image.DeregistrationProtection = 'enabled-without-cooldown';
  },
  child: ({ rows, imageId, place, number }: UsedImage) => {
    const child = { template: 'child', version: `v${number}`, image_id: hexId('ami', 1_000_000 + number) };
    rows.versions.push({ ...place, ...child, region: 'eu-west-1', created_at: '', base_image_id: imageId });
  },
  'launched by a template': ({ rows, imageId, number, place: { region, architecture } }: UsedImage) => {
    const amis = `ami_config: {amis: {${region}: {${architecture}: ${imageId}}}}`;
    rows.templates.push({ slug: `launches-${number}`, text: `base_ami: {source: tiny}\n${amis}` });
  },
  'base of a template': ({ rows, imageId, number }: UsedImage) => {
    rows.templates.push({ slug: `stands-on-${number}`, text: `base_ami: {source: ${imageId}}` });
  },
  catalogue: ({ rows, imageId, place }: UsedImage) => {
    rows.publications.push({ ...place, folder: '/catalogue', version: '1', image_id: imageId });
  },
  build: (used: UsedImage) => void buildOf(used, 'running'),
  'step cache': (used: UsedImage) => {
    const snapshotId = hexId('snap', 1_000_000 + used.number);
    const Tags = [
      { Key: 'ingot:cache', Value: 'key' },
      { Key: 'ingot:cache-template', Value: 'web' },
      { Key: 'ingot:build', Value: buildOf(used, 'succeeded') },
    ];
    used.estate.snapshots.set(snapshotId, { SnapshotId: snapshotId, State: 'completed', Tags });
  },
  deployment: ({ rows, imageId, number, place: { template, ...place } }: UsedImage) => {
    const record = {
      job_name: 'shop',
      deployment_type: template,
      version: '1',
      parameters: '{}',
      created_at: '',
    };
    const state = { status: 'ready', deployment_stage: 'ready', template_digest: 'digest' };
    rows.deployments.push({ id: `deployment-${number}`, ...place, ...record, ...state, ami_id: imageId });
  },
  account: ({ estate, imageId }: UsedImage) => void estate.shares.set(imageId, { UserId: '210987654321' }),
  everybody: ({ estate, imageId }: UsedImage) => void estate.shares.set(imageId, { Group: 'all' }),
} as const;

const dayMs = 86_400_000;
const versionsPerLine = 50;
const architectures: readonly Architecture[] = ['x86_64', 'arm64'];

/** Lines of 50 versions, 4 days apart: the newest 23 are young. Of the others every second one is in use. */
export async function generateEstate(factory: RetentionFactory, count: number): Promise<Estate> {
  const estate: Estate = {
    ...{ images: new Map(), snapshots: new Map(), shares: new Map(), expected: new Map() },
    ...{ instances: [], launchTemplateVersions: [] },
  };
  const rows = newRows();
  const kinds = Object.keys(uses) as (keyof typeof uses)[];
  let old = 0;
  for (let number = 0; number < count; number++) {
    const line = Math.floor(number / versionsPerLine);
    const position = number % versionsPerLine;
    const ageDays = position * 4 + 1;
    const image = addImage(estate, {
      ...{
        number,
        template: `app-${Math.floor(line / 2)}`,
        architecture: architectures[line % 2] ?? 'x86_64',
      },
      // Numbers fall with age, and pass 10: as texts they would be in another order.
      version: `v1.${versionsPerLine - position}.0`,
      createdAt: new Date(factory.now().getTime() - ageDays * dayMs).toISOString(),
    });
    const { imageId, place, version, createdAt } = image;
    rows.versions.push({ ...place, image_id: imageId, version, created_at: createdAt });
    if (position === 0) rows.channels.push({ ...place, channel: 'latest', image_id: imageId });
    const isOld = ageDays > 90;
    const use = isOld && old++ % 2 === 0 ? kinds[(old >> 1) % kinds.length] : undefined;
    estate.expected.set(imageId, isOld ? use : 'young');
    if (use !== undefined) uses[use]({ ...image, estate, rows, number });
  }
  await writeRows(factory, rows);
  return estate;
}

function addImage(
  { images, snapshots }: Estate,
  given: {
    readonly number: number;
    readonly template: string;
    readonly architecture: Architecture;
    readonly version: string;
    readonly createdAt: string;
  },
) {
  const { number, template, architecture, version, createdAt } = given;
  const [imageId, SnapshotId] = [hexId('ami', number), hexId('snap', number)];
  const image: Image = {
    ...{ ImageId: imageId, Name: `${template}-${number}`, State: 'available', Tags: [] },
    ...{ Architecture: architecture, CreationDate: createdAt },
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId } }],
  };
  images.set(imageId, image);
  snapshots.set(SnapshotId, {
    ...{ SnapshotId, State: 'completed', VolumeSize: 8, FullSnapshotSizeInBytes: 1024 ** 3 },
    Description: `Copied for DestinationAmi ${imageId} from SourceAmi ami-1 for SourceSnapshot snap-1`,
  });
  const place = { target: 'local', template, region: estateRegion, architecture };
  return { imageId, image, place, version, createdAt };
}

function hexId(prefix: string, number: number): string {
  return `${prefix}-${number.toString(16).padStart(17, '0')}`;
}
