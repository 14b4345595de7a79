/** Debian's AWS CLI as it is: 2.9 knows no AWS_ENDPOINT_URL and nothing of the newest calls. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudRig, startCloud } from './cloud-rig.ts';

const run = promisify(execFile);

let rig: CloudRig;
beforeAll(async () => {
  rig = await startCloud();
});
afterAll(() => rig.close());

/** One command; what it prints, read as JSON where it is JSON. */
async function aws<T = unknown>(...args: readonly string[]): Promise<T> {
  const { stdout } = await run('/usr/bin/aws', ['--endpoint-url', rig.gateway.endpoint, ...args], {
    env: rig.environment,
  });
  const text = stdout.trim();
  return (/^[[{"]/.test(text) ? JSON.parse(text) : text) as T;
}

const ec2 = <T = unknown>(...args: readonly string[]) => aws<T>('ec2', ...args);
/** For --query: a single word. */
const word = (...args: readonly string[]) => ec2<string>(...args, '--output', 'text');

/** The CLI's own error line and exit status. */
async function failure(...args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const result = await ec2(...args).then(
    () => undefined,
    (error: unknown) => error as { code: number; stderr: string },
  );
  if (result === undefined) throw new Error(`aws ec2 ${args.join(' ')} succeeded`);
  return result;
}

describe('the AWS CLI', () => {
  it('finds out who it is, which regions there are, and which images', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '123456789012' });
    expect(await word('describe-regions', '--query', 'Regions[].RegionName')).toBe('us-east-1\teu-west-1');
    const image = await word(
      'describe-images',
      '--owners',
      'amazon',
      '--filters',
      'Name=name,Values=ingot-tiny-*',
      'Name=state,Values=available',
      '--query',
      'sort_by(Images, &CreationDate)[-1].ImageId',
    );
    expect(image).toBe(rig.cloud.baseImageId);
  });

  it('launches a machine, images it while it runs, launches the image, and cleans up', async () => {
    const keyFile = join(rig.cloud.directory, 'demo.pem');
    const pem = await word('create-key-pair', '--key-name', 'demo', '--query', 'KeyMaterial');
    await writeFile(keyFile, pem, { mode: 0o600 });
    expect(ssh2.utils.parseKey(pem)).not.toBeInstanceOf(Error);
    const group = await word(
      ...['create-security-group', '--group-name', 'demo', '--description', 'for the demo'],
      ...['--query', 'GroupId'],
    );
    const ssh = ['--group-id', group, '--protocol', 'tcp', '--port', '22', '--cidr', '0.0.0.0/0'];
    expect(await ec2('authorize-security-group-ingress', ...ssh)).toMatchObject({
      Return: true,
      SecurityGroupRules: [{ CidrIpv4: '0.0.0.0/0', FromPort: 22, ToPort: 22, IsEgress: false }],
    });

    const source = await word(
      ...['run-instances', '--image-id', rig.cloud.baseImageId, '--instance-type', 't3.micro'],
      ...['--key-name', 'demo', '--security-group-ids', group, '--user-data', '#!/bin/sh\ntrue\n'],
      ...['--tag-specifications', 'ResourceType=instance,Tags=[{Key=Name,Value=source}]'],
      ...['--query', 'Instances[0].InstanceId'],
    );
    await ec2('wait', 'instance-running', '--instance-ids', source);
    const address = await word(
      ...['describe-instances', '--filters', 'Name=tag:Name,Values=source'],
      ...['--query', 'Reservations[].Instances[].PublicIpAddress'],
    );
    expect(address).toMatch(/^127\.83\.\d+\.\d+$/);

    const image = await word(
      ...['create-image', '--instance-id', source, '--name', 'golden-1', '--no-reboot'],
      ...['--tag-specifications', 'ResourceType=image,Tags=[{Key=team,Value=a}]'],
      ...['--query', 'ImageId'],
    );
    await ec2('wait', 'image-available', '--image-ids', image);
    const { Images: images } = await ec2<{ Images: Record<string, unknown>[] }>(
      ...['describe-images', '--owners', 'self', '--filters', 'Name=tag:team,Values=a'],
    );
    expect(images).toMatchObject([{ ImageId: image, Name: 'golden-1', State: 'available', Public: false }]);
    const snapshot = await word(
      ...['describe-images', '--image-ids', image],
      ...['--query', 'Images[0].BlockDeviceMappings[0].Ebs.SnapshotId'],
    );
    await ec2('wait', 'snapshot-completed', '--snapshot-ids', snapshot);

    const copy = await word(
      ...['run-instances', '--image-id', image, '--instance-type', 't3.micro', '--key-name', 'demo'],
      ...['--query', 'Instances[0].InstanceId'],
    );
    await ec2('wait', 'instance-running', '--instance-ids', copy);
    await ec2('create-tags', '--resources', copy, image, '--tags', 'Key=stage,Value=test');
    expect(await word('describe-tags', '--filters', `Name=resource-id,Values=${copy}`)).toContain('stage');

    await ec2('terminate-instances', '--instance-ids', source, copy);
    await ec2('wait', 'instance-terminated', '--instance-ids', source, copy);
    expect((await failure('delete-snapshot', '--snapshot-id', snapshot)).stderr).toContain(
      'InvalidSnapshot.InUse',
    );
    await ec2('deregister-image', '--image-id', image);
    await ec2('delete-snapshot', '--snapshot-id', snapshot);
    await ec2('delete-security-group', '--group-id', group);
    await ec2('delete-key-pair', '--key-name', 'demo');
  });

  it('stops and starts a machine, and moves a volume to it', async () => {
    const instance = await word(
      ...['run-instances', '--image-id', rig.cloud.baseImageId, '--query', 'Instances[0].InstanceId'],
    );
    await ec2('wait', 'instance-running', '--instance-ids', instance);
    const zone = await word(
      ...['describe-instances', '--instance-ids', instance],
      ...['--query', 'Reservations[0].Instances[0].Placement.AvailabilityZone'],
    );
    const volume = await word(
      ...['create-volume', '--availability-zone', zone, '--size', '1', '--query', 'VolumeId'],
    );
    await ec2('wait', 'volume-available', '--volume-ids', volume);
    const attachment = ['--volume-id', volume, '--instance-id', instance, '--device', '/dev/sdf'];
    await ec2('attach-volume', ...attachment);
    await ec2('wait', 'volume-in-use', '--volume-ids', volume);
    await ec2('stop-instances', '--instance-ids', instance);
    await ec2('wait', 'instance-stopped', '--instance-ids', instance);
    await ec2('start-instances', '--instance-ids', instance);
    await ec2('wait', 'instance-running', '--instance-ids', instance);
    await ec2('detach-volume', '--volume-id', volume);
    await ec2('wait', 'volume-available', '--volume-ids', volume);
    await ec2('delete-volume', '--volume-id', volume);
    await ec2('wait', 'volume-deleted', '--volume-ids', volume);
    await ec2('terminate-instances', '--instance-ids', instance);
    await ec2('wait', 'instance-terminated', '--instance-ids', instance);
  });

  it('shows errors, dry runs and pages as it does with AWS', async () => {
    const missing = await failure('describe-images', '--image-ids', 'ami-0123456789abcdef0');
    expect(missing.code).toBe(254);
    expect(missing.stderr).toContain(
      'An error occurred (InvalidAMIID.NotFound) when calling the DescribeImages operation: ' +
        "The image id '[ami-0123456789abcdef0]' does not exist",
    );
    const dry = await failure('create-key-pair', '--key-name', 'never', '--dry-run');
    expect(dry.stderr).toContain('(DryRunOperation)');
    expect(await ec2('describe-key-pairs')).toEqual({ KeyPairs: [] });
    const groups = await ec2<{ SecurityGroups: unknown[] }>('describe-security-groups', '--page-size', '5');
    expect(groups.SecurityGroups).toHaveLength(1);
    const unserved = await failure('describe-vpc-peering-connections');
    expect(unserved.stderr).toContain('(UnsupportedOperation)');
  });
});
