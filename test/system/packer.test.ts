/** Debian's Packer as it is: its amazon-ebs builder makes an image here, with a shell provisioner over SSH. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EC2, waitUntilInstanceRunning, waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addBase, hostArchitecture } from '../../src/cli/bases.ts';
import { type Context, localContext } from '../../src/cli/context.ts';
import { loadConfig } from '../../src/platform/config.ts';
import type { InstanceId } from '../../src/platform/ids.ts';
import { openServer, type RunningServer } from '../../src/server/open-server.ts';
import { bootDeadlineMs, key, shellOf } from './node-guest-kit.ts';

const run = promisify(execFile);
const bases = join(tmpdir(), 'ingot-test-bases');

let home: string;
let server: RunningServer;
let context: Context;
let ec2: EC2;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-packer-test-'));
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  server = await openServer(await loadConfig({ home, port: 0 }));
  const found = await localContext(home);
  if (found === undefined) throw new Error('the server left no record of itself');
  context = found;
  ec2 = new EC2({ endpoint: server.url, region: context.region, credentials: context.credentials });
  await addBase(context, 'tiny', hostArchitecture(), () => undefined);
});

afterEach(async ({ task }) => {
  await terminateAll();
  ec2.destroy();
  await server.close();
  if (task.result?.state === 'fail') console.error(`Kept for a look: ${home}`);
  else await rm(home, { recursive: true, force: true });
});

test('Packer builds an image over SSH, and what it provisioned is in it', { timeout: 900_000 }, async () => {
  const template = join(home, 'template.json');
  await writeFile(template, JSON.stringify(templateFor(context)));
  const built = await run('/usr/bin/packer', ['build', '-color=false', template], {
    env: { PATH: '/usr/bin:/bin', HOME: home, PACKER_LOG: '1', PACKER_LOG_PATH: join(home, 'packer.log') },
  }).catch(async (error: { readonly stdout: string }) => {
    const log = await readFile(join(home, 'packer.log'), 'utf8');
    throw new Error(`${error.stdout}\n${log.slice(-20_000)}`);
  });
  expect(built.stdout).toContain('AMIs were created');

  const { Images: [image] = [] } = await ec2.describeImages({ Owners: ['self'] });
  expect(image).toMatchObject({ Name: 'packer-1', State: 'available' });
  expect(image?.Tags).toContainEqual({ Key: 'made-by', Value: 'packer' });
  const snapshots = await ec2.describeSnapshots({ OwnerIds: ['self'] });
  expect(snapshots.Snapshots?.[0]?.Tags).toContainEqual({ Key: 'made-by', Value: 'packer' });
  expect((await ec2.describeKeyPairs({})).KeyPairs).toEqual([]);
  const groups = (await ec2.describeSecurityGroups({})).SecurityGroups ?? [];
  expect(groups.map((group) => group.GroupName)).toEqual(['default']);

  expect(await readFromImage(image?.ImageId, '/etc/packer')).toBe('provisioned');
});

/** What a person writes, but for the address of the server. */
function templateFor({ url, credentials, region }: Context) {
  return {
    builders: [
      {
        type: 'amazon-ebs',
        custom_endpoint_ec2: url,
        access_key: credentials.accessKeyId,
        secret_key: credentials.secretAccessKey,
        region,
        skip_metadata_api_check: true,
        source_ami_filter: {
          filters: { name: 'ingot-tiny-*', architecture: hostArchitecture() },
          owners: ['amazon'],
          most_recent: true,
        },
        instance_type: hostArchitecture() === 'arm64' ? 't4g.micro' : 't3.micro',
        ssh_username: 'ec2-user',
        ssh_timeout: '10m',
        ami_name: 'packer-1',
        tags: { 'made-by': 'packer' },
        snapshot_tags: { 'made-by': 'packer' },
      },
    ],
    provisioners: [{ type: 'shell', inline: ['printf provisioned | sudo tee /etc/packer'] }],
  };
}

async function readFromImage(imageId: string | undefined, file: string): Promise<string> {
  await ec2.importKeyPair({ KeyName: 'reader', PublicKeyMaterial: Buffer.from(key.publicKey) });
  await ec2.authorizeSecurityGroupIngress({
    GroupName: 'default',
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    CidrIp: '127.0.0.1/32',
  });
  const launched = await ec2.runInstances({ ImageId: imageId, KeyName: 'reader', MinCount: 1, MaxCount: 1 });
  const instanceId = launched.Instances?.[0]?.InstanceId ?? '';
  const waiting = { client: ec2, maxWaitTime: bootDeadlineMs / 1000, minDelay: 1, maxDelay: 1 };
  await waitUntilInstanceRunning(waiting, { InstanceIds: [instanceId] });
  const { Reservations: [shown] = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  const publicAddress = shown?.Instances?.[0]?.PublicIpAddress ?? '';
  const shell = await shellOf({
    instanceId: instanceId as InstanceId,
    state: 'running',
    publicAddress,
    volumes: [],
  });
  try {
    return (await shell.run(`cat ${file}`)).trim();
  } finally {
    shell.close();
  }
}

async function terminateAll(): Promise<void> {
  const { Reservations: reservations = [] } = await ec2.describeInstances({});
  const ids = reservations.flatMap(({ Instances: instances = [] }) =>
    instances
      .filter((instance) => instance.State?.Name !== 'terminated')
      .flatMap((instance) => instance.InstanceId ?? []),
  );
  if (ids.length === 0) return;
  await ec2.terminateInstances({ InstanceIds: ids });
  await waitUntilInstanceTerminated(
    { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { InstanceIds: ids },
  );
}
