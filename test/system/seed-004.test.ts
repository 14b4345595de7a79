/** The automatic images of the deployment manager, as its own document tells them: its examples, commands and queries. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appYaml, type DeploymentBody, deploy, logOf } from './factory/deployed.ts';
import { type FactoryRig, openFactoryRig } from './factory/factory-rig.ts';

let rig: FactoryRig;
let app: string;
let first: DeploymentBody;

beforeAll(async () => {
  rig = await openFactoryRig();
  const fields = {
    name: 'Kamiwaza',
    first_boot: '',
    golden_image:
      '{delay: 0s, name: "kamiwaza-golden-{version}-{time}", tags: {prefix: Kamiwaza, managed_by: KamiwazaDeploymentManager}}',
  };
  app = await rig.template(appYaml(fields), 'kamiwaza');
  first = await deploy(rig, app, { version: 'v0.9.2', mode: 'full', job_name: 'Job 19' });
});

afterAll(async () => {
  await rig.close();
});

const managed = { Name: 'tag:ManagedBy', Values: ['KamiwazaDeploymentManager'] };
const ofVersion = (version: string) => ({ Name: 'tag:KamiwazaVersion', Values: [version] });

async function imagesOf(version: string) {
  const { Images = [] } = await rig.ec2().describeImages({ Filters: [ofVersion(version), managed] });
  return Images;
}

test('example 1: the first deployment of a version creates its image', async () => {
  expect(first).toMatchObject({ ready: true, ami_creation_status: 'completed', mode: 'full' });
  const [image, ...others] = await imagesOf('v0.9.2');
  expect(others).toEqual([]);
  expect(image?.ImageId).toBe(first.created_ami_id);
  expect(image?.Name).toMatch(/^kamiwaza-golden-v0\.9\.2-\d{8}-\d{6}$/);
  const tags = Object.fromEntries((image?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  expect(tags).toMatchObject({
    KamiwazaVersion: 'v0.9.2',
    CreatedFrom: first.instance_id,
    CreatedFromJob: first.id,
    AutoCreated: 'true',
  });
  const log = (await logOf(rig, first.id)).join('\n');
  for (const line of [
    'Checking for existing AMI for Kamiwaza v0.9.2...',
    '✓ AMI Created Successfully: ami-',
  ]) {
    expect(log).toContain(`[ami-creation] ${line}`);
  }
});

test('example 2: the second deployment of it skips creation, and is served by the image', async () => {
  const second = await deploy(rig, app, { version: 'v0.9.2', mode: 'full', job_name: 'Job 20' });
  expect(second).toMatchObject({
    ami_creation_status: 'skipped',
    use_cached_ami: true,
    created_ami_id: null,
  });
  expect(await imagesOf('v0.9.2')).toHaveLength(1);
});

test('example 3: another version creates its own', async () => {
  const third = await deploy(rig, app, { version: 'v0.9.3', mode: 'full', job_name: 'Job 21' });
  expect(third.ami_creation_status).toBe('completed');
  expect((await imagesOf('v0.9.3')).map(({ ImageId }) => ImageId)).toEqual([third.created_ami_id]);
});

test('its SQL query has its answer in the database and over REST', async () => {
  const db = new DatabaseSync(join(rig.home, 'factory.db'), { readOnly: true });
  const rows = db
    .prepare(
      "SELECT id, job_name, ami_creation_status, created_ami_id FROM deployments WHERE deployment_type = 'kamiwaza' ORDER BY job_name",
    )
    .all();
  const error = db.prepare('SELECT ami_creation_error FROM deployments WHERE id = ?').get(first.id);
  db.close();
  expect(rows.map((row) => row.ami_creation_status)).toEqual(['completed', 'skipped', 'completed']);
  expect(error).toMatchObject({ ami_creation_error: null });
  const { body } = await rig.ask<{ deployments: DeploymentBody[] }>(
    'GET',
    '/deployments?deployment_type=kamiwaza&ami_creation_status=completed',
  );
  expect(body.deployments.map(({ job_name: name }) => name)).toEqual(['Job 21', 'Job 19']);
});

test('its queries of EC2 find the images by tag, by age and by state', async () => {
  const { Images = [] } = await rig.ec2().describeImages({ Filters: [managed] });
  const table = Images.map(({ ImageId, Tags = [], CreationDate = '' }) => ({
    id: ImageId,
    version: Tags.find(({ Key }) => Key === 'KamiwazaVersion')?.Value,
    old: CreationDate < '2025-12-01',
  }));
  expect(table.map(({ version }) => version).toSorted()).toEqual(['v0.9.2', 'v0.9.3']);
  expect(table.some(({ old }) => old)).toBe(false);
  const { Snapshots = [] } = await rig.ec2().describeSnapshots({ OwnerIds: ['self'], Filters: [managed] });
  expect(Snapshots).toHaveLength(2);
  const ids = [first.created_ami_id ?? ''];
  expect((await rig.ec2().describeImages({ ImageIds: ids })).Images?.[0]?.State).toBe('available');
});

test('example scenario: an image of the wrong mode is deleted, and the next deployment creates the right one', async () => {
  const lite = await deploy(rig, app, { version: 'v0.9.4', mode: 'lite', job_name: 'lite' });
  const [image] = await imagesOf('v0.9.4');
  expect(image?.ImageId).toBe(lite.created_ami_id);
  await rig.ec2().deregisterImage({ ImageId: lite.created_ami_id ?? '' });
  for (const { Ebs } of image?.BlockDeviceMappings ?? [])
    await rig.ec2().deleteSnapshot({ SnapshotId: Ebs?.SnapshotId });
  const full = await deploy(rig, app, { version: 'v0.9.4', mode: 'full', job_name: 'full' });
  expect(full).toMatchObject({ use_cached_ami: false, ami_creation_status: 'completed' });
  expect((await imagesOf('v0.9.4')).map(({ ImageId }) => ImageId)).toEqual([full.created_ami_id]);
});
