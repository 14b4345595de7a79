/** Debian's Packer as it is: its amazon-ebs builder makes an image here, with a shell provisioner over SSH. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostArchitecture } from '../../src/cli/bases.ts';
import type { Context } from '../../src/cli/context.ts';
import { launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

const run = promisify(execFile);

let home: CloudHome;

beforeEach(async () => {
  home = await openCloudHome();
  await home.addBase('tiny', hostArchitecture());
});

afterEach(async ({ task }) => {
  await home.close({ keep: task.result?.state === 'fail' });
});

test('Packer builds an image over SSH, and what it provisioned is in it', { timeout: 900_000 }, async () => {
  const { folder, ec2 } = home;
  const template = join(folder, 'template.json');
  await writeFile(template, JSON.stringify(templateFor(home.context)));
  const built = await run('/usr/bin/packer', ['build', '-color=false', template], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      PACKER_LOG: '1',
      PACKER_LOG_PATH: join(folder, 'packer.log'),
    },
  }).catch(async (error: { readonly stdout: string }) => {
    const log = await readFile(join(folder, 'packer.log'), 'utf8');
    throw new Error(`${error.stdout}\n${log.slice(-20_000)}`);
  });
  expect(built.stdout).toContain('AMIs were created');

  const { Images: [image] = [] } = await ec2.describeImages({ Owners: ['self'] });
  expect(image).toMatchObject({ Name: 'packer-1', State: 'available' });
  expect(image?.Tags).toContainEqual({ Key: 'made-by', Value: 'packer' });
  const snapshots = await ec2.describeSnapshots({ OwnerIds: ['self'] });
  expect(snapshots.Snapshots?.[0]?.Tags).toContainEqual({ Key: 'made-by', Value: 'packer' });
  const pairs = (await ec2.describeKeyPairs({})).KeyPairs ?? [];
  expect(pairs.map((pair) => pair.KeyName)).toEqual(['test']);
  const groups = (await ec2.describeSecurityGroups({})).SecurityGroups ?? [];
  expect(groups.map((group) => group.GroupName)).toEqual(['default']);

  const { shell } = await launchGuest(ec2, { ImageId: image?.ImageId });
  expect(await shell.run('cat /etc/packer')).toBe('provisioned');
  shell.close();
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
