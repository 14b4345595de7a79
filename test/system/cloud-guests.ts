/** Instances with a shell in their guest, through the EC2 API alone. */
import { type EC2, type RunInstancesRequest, waitUntilInstanceStatusOk } from '@aws-sdk/client-ec2';
import type { InstanceId } from '../../src/platform/ids.ts';
import { bootDeadlineMs, key, type Shell, shellOf } from './node-guest-kit.ts';

export interface Guest {
  readonly instanceId: string;
  readonly shell: Shell;
}

/** Lets this host in by SSH, with the tests' key. */
export async function openForShell(ec2: EC2): Promise<void> {
  await ec2.importKeyPair({ KeyName: 'test', PublicKeyMaterial: Buffer.from(key.publicKey) });
  await ec2.authorizeSecurityGroupIngress({
    GroupName: 'default',
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    CidrIp: '127.0.0.1/32',
  });
}

/** Launches one and waits for its agent, and for SSH. */
export async function launchGuest(
  ec2: EC2,
  request: Partial<RunInstancesRequest>,
  username?: string,
): Promise<Guest> {
  const { Instances: [made] = [] } = await ec2.runInstances({
    InstanceType: 't3.nano',
    MinCount: 1,
    MaxCount: 1,
    ImageId: undefined,
    KeyName: 'test',
    ...request,
  });
  const instanceId = made?.InstanceId ?? '';
  await waitUntilInstanceStatusOk(
    { client: ec2, maxWaitTime: bootDeadlineMs / 1000, minDelay: 0.2, maxDelay: 0.5 },
    { InstanceIds: [instanceId] },
  );
  return { instanceId, shell: await shellOfInstance(ec2, instanceId, username) };
}

export async function shellOfInstance(ec2: EC2, instanceId: string, username?: string): Promise<Shell> {
  const { Reservations: [shown] = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  const publicAddress = shown?.Instances?.[0]?.PublicIpAddress ?? '';
  const status = {
    instanceId: instanceId as InstanceId,
    state: 'running',
    publicAddress,
    volumes: [],
  } as const;
  return await shellOf(status, username);
}
