/** What a deployment and its automatic image promise, on a real server whose machines are simulated. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appYaml, deploy, leftOver, logOf, ownImages, rested, shown, startDeploying } from './deployed.ts';
import { type FactoryRig, openFactoryRig } from './factory-rig.ts';

let rig: FactoryRig;

beforeEach(async () => {
  rig = await openFactoryRig();
});

afterEach(async () => {
  await rig.close();
});

const shop = (more: Readonly<Record<string, string>> = {}) => rig.template(appYaml(more), 'shop');

const tagsOf = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []) =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

test('a deployment that is ready leaves a proven image in every region, and the next starts from it', async () => {
  const app = await shop();
  const first = await deploy(rig, app, { mode: 'full' });
  expect(first).toMatchObject({
    job_name: 'shop-v1',
    status: 'ready',
    deployment_stage: 'ready',
    ready: true,
    ready_check_attempts: 1,
    use_cached_ami: false,
    ami_creation_status: 'completed',
    ami_creation_error: null,
  });
  const [image, ...others] = await ownImages(rig);
  expect(others).toEqual([]);
  expect(image).toMatchObject({ ImageId: first.created_ami_id, State: 'available', Public: false });
  expect(image?.Name).toMatch(/^shop-golden-v1-\d{8}-\d{6}$/);
  const { Snapshots: [snapshot] = [] } = await rig.ec2().describeSnapshots({ OwnerIds: ['self'] });
  for (const tagged of [image, snapshot]) {
    expect(tagsOf(tagged?.Tags)).toMatchObject({
      Version: 'v1',
      DeploymentMode: 'full',
      CreatedFrom: first.instance_id,
      CreatedFromJob: first.id,
      ManagedBy: 'Ingot',
      CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      AutoCreated: 'true',
    });
  }
  expect(await ownImages(rig, 'eu-west-1')).toHaveLength(1);

  rig.guests.ran.length = 0;
  const second = await deploy(rig, app, { mode: 'full', job_name: 'again' });
  expect(second).toMatchObject({
    status: 'ready',
    ami_id: first.created_ami_id,
    use_cached_ami: true,
    ami_creation_status: 'skipped',
    fresh_seconds: first.ready_seconds,
  });
  expect(second.saved_seconds).toBeCloseTo((first.ready_seconds ?? 0) - (second.ready_seconds ?? 0), 2);
  expect(rig.guests.ran).toEqual(['echo first $token']);
  const elsewhere = await deploy(rig, app, { mode: 'full', region: 'eu-west-1' });
  expect(elsewhere.use_cached_ami).toBe(true);
  expect(await leftOver(rig)).toMatchObject({ snapshots: [], securityGroups: [] });
});

test('the log tells of the image in the lines that people know', async () => {
  const { id, created_ami_id: image } = await deploy(rig, await shop());
  const lines = (await logOf(rig, id)).flatMap((line) => /\[ami-creation\] .*/.exec(line)?.[0] ?? []);
  const known = [
    'Starting automatic AMI creation...',
    'Checking for existing AMI for Shop v1...',
    'No existing AMI found, creating new AMI...',
    expect.stringMatching(/Creating AMI: shop-golden-v1-\d{8}-\d{6}$/),
    `✓ AMI creation initiated: ${image}`,
    '✓ AMI is now available! Size: 1 GB',
    `✓ AMI Created Successfully: ${image}`,
  ];
  for (const line of known) {
    const text = typeof line === 'string' ? `[ami-creation] ${line}` : line;
    expect(lines).toContainEqual(text);
  }
});

test('ten deployments of one version at once make one image', { timeout: 300_000 }, async () => {
  const app = await shop();
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, n) => startDeploying(rig, app, { job_name: `shop-${n}` })),
  );
  const all = await Promise.all(ids.map((id) => rested(rig, id)));
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'ready'));
  const made = all.filter(({ ami_creation_status: status }) => status === 'completed');
  const skipped = all.filter(({ ami_creation_status: status }) => status === 'skipped');
  expect([made.length, skipped.length]).toEqual([1, 9]);
  for (const { ami_creation_reason: reason } of skipped) expect(reason).toContain(made[0]?.created_ami_id);
  expect(await ownImages(rig)).toHaveLength(1);
});

test('two modes of one version, and two values of a parameter, are different images', async () => {
  const app = await shop();
  const lite = await deploy(rig, app, { mode: 'lite' });
  const full = await deploy(rig, app, { mode: 'full' });
  const large = await deploy(rig, app, { mode: 'full', parameters: { size: 'large' } });
  const ids = [lite, full, large].map(({ created_ami_id: id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(new Set((await ownImages(rig)).map(({ ImageId }) => ImageId))).toEqual(new Set(ids));
});

test('--fresh runs the whole set-up, and makes no second image', async () => {
  const app = await shop();
  const first = await deploy(rig, app);
  rig.guests.ran.length = 0;
  const fresh = await deploy(rig, app, { fresh: true, job_name: 'fresh' });
  expect(rig.guests.ran).toEqual(['echo $mode $size', 'echo first $token']);
  expect(fresh).toMatchObject({ use_cached_ami: false, ami_creation_status: 'skipped' });
  expect(fresh.ami_creation_reason).toContain(first.created_ami_id);
});

test('an image that was deleted is made again by the next deployment', async () => {
  const app = await shop();
  const first = await deploy(rig, app);
  await rig.ec2().deregisterImage({ ImageId: first.created_ami_id ?? '' });
  const second = await deploy(rig, app, { job_name: 'second' });
  expect(second).toMatchObject({ use_cached_ami: false, ami_creation_status: 'completed' });
  expect(second.created_ami_id).not.toBe(first.created_ami_id);
});

test('an app that asks for no image is skipped, and says so', async () => {
  const one = await deploy(rig, await shop({ golden_image: '' }));
  expect(one).toMatchObject({ status: 'ready', ami_creation_status: 'skipped' });
  expect(one.ami_creation_reason).toMatch(/asks for no image/);
  expect(await ownImages(rig)).toEqual([]);
});

test('one that never becomes ready is failed with the reason, gets no image, and goes on when it is resumed', async () => {
  rig.guests.answer = (command) => ({ status: command === 'is it up' ? 1 : 0, stdout: 'not yet' });
  const failed = await deploy(rig, await shop());
  expect(failed).toMatchObject({
    status: 'failed',
    deployment_stage: 'ready',
    ready: false,
    ready_check_attempts: 5,
    ami_creation_status: 'skipped',
  });
  expect(failed.error).toMatch(/not ready after 5 attempts: 'is it up' ends with status 1: not yet/);
  expect(failed.ami_creation_reason).toMatch(/never became ready/);
  expect(await ownImages(rig)).toEqual([]);
  rig.guests.answer = () => ({ status: 0, stdout: '' });
  await rig.ask('POST', `/deployments/${failed.id}/resume`);
  expect(await rested(rig, failed.id)).toMatchObject({ status: 'ready', ami_creation_status: 'completed' });
});

test('an image whose machine fails its proof is tried again up to the bound, and harms nothing', async () => {
  const checks: string[] = [];
  rig.guests.answer = (command) => {
    checks.push(command);
    // The deployment's own check passes; those of the images do not.
    const isProof = command === 'check it' && checks.filter((each) => each === command).length > 1;
    return { status: isProof ? 1 : 0, stdout: '' };
  };
  const deployed = await deploy(rig, await shop());
  expect(deployed).toMatchObject({
    status: 'ready',
    ami_creation_status: 'failed',
    ami_creation_attempts: 2,
    created_ami_id: null,
  });
  expect(deployed.ami_creation_error).toContain("'it works' fails");
  expect(await ownImages(rig)).toEqual([]);
  expect(await leftOver(rig)).toMatchObject({
    instances: [deployed.instance_id],
    snapshots: [],
    securityGroups: [],
  });
});

test('a secret that the copy still has on its disk is no image: its parameter and file are named', async () => {
  const file = join(rig.home, 'token');
  await writeFile(file, 'a-long-secret\n');
  rig.guests.found = ['/etc/shop.env'];
  const deployed = await deploy(rig, await shop(), { parameters: { token: `@${file}` } });
  expect(deployed).toMatchObject({
    status: 'ready',
    ami_creation_status: 'failed',
    ami_creation_attempts: 1,
  });
  expect(deployed.ami_creation_error).toMatch(/'token' .* \/etc\/shop\.env/);
  expect(deployed.ami_creation_error).not.toContain('a-long-secret');
  expect(await ownImages(rig)).toEqual([]);
});

test('a fleet that exists already is recognised by its own tags, mode by mode, and kept up', async () => {
  const golden =
    '{delay: 0s, name: "kamiwaza-golden-{version}-{time}", tags: {prefix: Kamiwaza, managed_by: KamiwazaDeploymentManager}}';
  const app = await rig.template(appYaml({ golden_image: golden }), 'kamiwaza');
  const { Reservations = [] } = await rig.ec2().describeInstances({});
  expect(Reservations).toEqual([]);
  const theirs = await otherImage({
    KamiwazaVersion: 'v1',
    KamiwazaDeploymentMode: 'full',
    ManagedBy: 'KamiwazaDeploymentManager',
  });
  const full = await deploy(rig, app, { mode: 'full' });
  expect(full).toMatchObject({ use_cached_ami: false, ami_creation_status: 'skipped' });
  expect(full.ami_creation_reason).toContain(theirs);
  const lite = await deploy(rig, app, { mode: 'lite', job_name: 'lite' });
  expect(lite.ami_creation_status).toBe('completed');
  const { Images: found = [] } = await rig.ec2().describeImages({
    Filters: [
      { Name: 'tag:KamiwazaVersion', Values: ['v1'] },
      { Name: 'tag:ManagedBy', Values: ['KamiwazaDeploymentManager'] },
      { Name: 'name', Values: ['kamiwaza-golden-v1-*'] },
    ],
  });
  expect(found.map(({ ImageId }) => ImageId)).toEqual([lite.created_ami_id]);
  const tagged = await rig.template(
    appYaml({ golden_image: golden.replace('{delay', '{use: tagged, delay') }),
    'kamiwaza',
  );
  expect(await deploy(rig, tagged, { mode: 'full', job_name: 'third' })).toMatchObject({
    use_cached_ami: true,
    ami_id: theirs,
  });
});

test('a deployment that is deleted while it makes the image gives it up, and one that waits takes over', async () => {
  let proofs = 0;
  rig.guests.answer = (command) => {
    if (command === 'check it') proofs += 1;
    return { status: 0, stdout: '' };
  };
  const app = await shop({ golden_image: '{delay: 1s, attempts: 2}' });
  const one = await startDeploying(rig, app);
  while ((await shown(rig, one)).ami_creation_status !== 'creating')
    await new Promise((resolve) => setTimeout(resolve, 20));
  const other = await startDeploying(rig, app, { job_name: 'other' });
  const deleted = await rig.ask<{ status: string }>('DELETE', `/deployments/${one}`);
  expect(deleted.body.status).toBe('deleted');
  expect(await rested(rig, other)).toMatchObject({ ami_creation_status: 'completed' });
  expect(proofs).toBeGreaterThan(1);
  expect(await ownImages(rig)).toHaveLength(1);
  await rig.ask('DELETE', `/deployments/${other}`);
  expect(await leftOver(rig)).toEqual({ instances: [], keyPairs: [], snapshots: [], securityGroups: [] });
  expect(await ownImages(rig)).toHaveLength(1);
});

test.each([
  ['a template without readiness', { readiness: '' }, /does not say when it is ready/],
  ['a region that the target has not', { golden_image: '{regions: [ap-south-1]}' }, /has no region/],
  ['a name without a time', { golden_image: '{name: shop}' }, /must hold \{time\}/],
])('%s is refused before anything is made', async (_, fields, words) => {
  const app = await shop(fields);
  const refused = await rig.ask<{ detail: string }>('POST', '/deployments', { app, version: 'v1' });
  expect(refused.status).toBe(400);
  expect(refused.body.detail).toMatch(words);
});

async function otherImage(tags: Readonly<Record<string, string>>): Promise<string> {
  const ec2 = rig.ec2();
  const { Images: [base] = [] } = await ec2.describeImages({ Owners: ['amazon'] });
  const { Instances: [machine] = [] } = await ec2.runInstances({
    ImageId: base?.ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
  });
  const { ImageId = '' } = await ec2.createImage({
    InstanceId: machine?.InstanceId,
    Name: 'theirs',
    NoReboot: true,
    TagSpecifications: [
      { ResourceType: 'image', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  for (;;) {
    const { Images: [image] = [] } = await ec2.describeImages({ ImageIds: [ImageId] });
    if (image?.State === 'available') return ImageId;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
