/**
 * What a target's login may do, found out by real calls: who it is, which regions there are, and a dry run of each
 * action that features need. A dry run changes nothing.
 */
import type { EC2 } from '@aws-sdk/client-ec2';
import { type Feature, features } from './features.ts';
import { type Probe, probes } from './probes.ts';
import type { Target } from './target.ts';

export interface TargetCheck {
  readonly name: string;
  /** `unknown`: the target answered with something else than yes or no. */
  readonly status: 'passed' | 'failed' | 'unknown';
  readonly message: string;
}

export async function checkTarget(
  target: Target,
  { region, wanted }: { readonly region: string; readonly wanted: readonly Feature[] },
): Promise<readonly TargetCheck[]> {
  const identity = await attempt('identity', async () => `account ${await target.accountId()}`);
  if (identity.status === 'failed') return [identity];
  const ec2 = await target.client(region);
  const regions = await attempt('regions', async () => {
    const { Regions = [] } = await ec2.describeRegions({});
    const names = Regions.flatMap(({ RegionName }) => RegionName ?? []);
    const missing = target.regions.filter((each) => !names.includes(each));
    if (missing.length > 0) {
      throw new Error(`${missing.join(', ')} is not enabled here; there are ${names.join(', ')}`);
    }
    return names.join(', ');
  });
  if (regions.status === 'failed') return [identity, regions];
  const builder = await attempt('builder', () => checkBuilder(ec2, target));
  const actions = [...new Set(wanted.flatMap((feature) => features[feature].map(({ action }) => action)))];
  const things = await thingsToAskAbout(ec2);
  const asked: TargetCheck[] = [];
  // One after another: a burst of refused calls is what throttling is for.
  for (const action of actions.toSorted()) {
    const probe = probes[action.replace(/^ec2:/, '')];
    if (probe !== undefined) asked.push(await dryRun(action, () => probe(ec2, things)));
  }
  return [identity, regions, builder, ...asked];
}

async function attempt(name: string, work: () => Promise<string>): Promise<TargetCheck> {
  try {
    return { name, status: 'passed', message: await work() };
  } catch (error) {
    return { name, status: 'failed', message: inWords(error) };
  }
}

/** The network and group that the target's builders shall use are there. */
async function checkBuilder(ec2: EC2, { builder }: Target): Promise<string> {
  const { subnetId, securityGroupId, keyPair } = builder;
  if (subnetId !== undefined) await ec2.describeSubnets({ SubnetIds: [subnetId] });
  else {
    const { Vpcs = [] } = await ec2.describeVpcs({ Filters: [{ Name: 'is-default', Values: ['true'] }] });
    if (Vpcs.length === 0)
      throw new Error('there is no default VPC here, so the target needs a subnet: --subnet');
  }
  if (securityGroupId !== undefined) await ec2.describeSecurityGroups({ GroupIds: [securityGroupId] });
  if (keyPair !== undefined) await ec2.describeKeyPairs({ KeyNames: [keyPair.name] });
  return `${builder.instanceType.x86_64}, ${builder.instanceType.arm64}, ${subnetId ?? 'the default VPC'}`;
}

async function dryRun(name: string, ask: () => Promise<unknown>): Promise<TargetCheck> {
  try {
    await ask();
    return { name, status: 'passed', message: 'allowed' };
  } catch (error) {
    const code = (error as Error).name;
    if (code === 'DryRunOperation') return { name, status: 'passed', message: 'allowed' };
    if (/^(UnauthorizedOperation|AccessDenied(Exception)?|AuthFailure)$/.test(code)) {
      return { name, status: 'failed', message: `not allowed: ${inWords(error)}` };
    }
    if (/NotFound|CannotDelete|Malformed/.test(code)) {
      return { name, status: 'unknown', message: `not known: nothing is here to ask it about (${code})` };
    }
    return { name, status: 'unknown', message: inWords(error) };
  }
}

/** Real ids where there are any: many actions look at the id before they look at the permission. */
async function thingsToAskAbout(ec2: EC2): Promise<Parameters<Probe>[1]> {
  const [instances, images, snapshots, groups] = await Promise.all([
    ec2
      .describeInstances({ Filters: [{ Name: 'instance-state-name', Values: ['running', 'stopped'] }] })
      .catch(() => ({ Reservations: [] })),
    ec2.describeImages({ Owners: ['self'] }).catch(() => ({ Images: [] })),
    ec2.describeSnapshots({ OwnerIds: ['self'], MaxResults: 5 }).catch(() => ({ Snapshots: [] })),
    ec2.describeSecurityGroups({}).catch(() => ({ SecurityGroups: [] })),
  ]);
  const { Images: bases = [] } = await ec2
    .describeImages({
      Owners: ['amazon'],
      Filters: [{ Name: 'state', Values: ['available'] }],
      MaxResults: 5,
    })
    .catch(() => ({ Images: [] }));
  const taken = (images.Images ?? []).flatMap(({ BlockDeviceMappings = [] }) =>
    BlockDeviceMappings.map(({ Ebs }) => Ebs?.SnapshotId),
  );
  // Nobody may delete one that an image is made of, or a default group.
  const free = snapshots.Snapshots?.find(({ SnapshotId }) => !taken.includes(SnapshotId));
  const own = groups.SecurityGroups?.find(({ GroupName }) => GroupName !== 'default');
  return {
    instanceId: instances.Reservations?.[0]?.Instances?.[0]?.InstanceId ?? 'i-00000000000000000',
    ownImageId: images.Images?.[0]?.ImageId ?? 'ami-00000000000000000',
    imageId: bases[0]?.ImageId ?? 'ami-00000000000000000',
    snapshotId: free?.SnapshotId ?? 'snap-00000000000000000',
    groupId: own?.GroupId ?? 'sg-00000000000000000',
    region: await ec2.config.region(),
  };
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = '$fault' in error ? `${error.name}: ` : '';
  return `${code}${error.message}`.split(' Encoded authorization failure message')[0] ?? '';
}
