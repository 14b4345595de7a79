/** A key pair and a security group of the build's own, unless the target names some to use. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EC2 } from '@aws-sdk/client-ec2';
import { readIfPresent, writeDurably } from '../../../platform/files.ts';
import { newSshKeyPair } from '../../../platform/ssh-key-pair.ts';
import { tagged } from '../../aws/tags.ts';
import { isCode } from '../../aws/until.ts';
import { vpcOf } from '../../aws/vpc-of.ts';
import type { Target } from '../../targets/target.ts';
import type { MachineAccess, ProofContext } from '../build.ts';
import type { BuildParts } from '../parts.ts';
import { temporaryTags } from './build-tags.ts';

type Purpose = 'build' | 'proof';

type AccessContext = Pick<ProofContext, 'input' | 'runId'>;

export async function openAccess(
  parts: BuildParts,
  context: AccessContext,
  purpose: Purpose,
): Promise<MachineAccess> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  const key = await openKey(parts, context, purpose);
  const { securityGroupId } = target.builder;
  return { ...key, securityGroupId: securityGroupId ?? (await ownGroup(ec2, target, context)) };
}

export async function openKey(
  parts: BuildParts,
  context: AccessContext,
  purpose: Purpose,
): Promise<Pick<MachineAccess, 'keyName' | 'keyFile'>> {
  const target = await parts.targets.get(context.input.target);
  const { keyPair } = target.builder;
  if (keyPair !== undefined) return { keyName: keyPair.name, keyFile: keyPair.privateKeyFile };
  return await ownKey(parts, await target.client(context.input.region), context, purpose);
}

export async function closeAccess(
  parts: BuildParts,
  context: AccessContext,
  purpose: Purpose,
): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  const ec2 = await target.client(context.input.region);
  if (target.builder.keyPair === undefined) {
    await ec2.deleteKeyPair({ KeyName: keyName(context.runId, purpose) });
    const file = keyFile(parts, context.runId, purpose);
    await rm(file, { force: true });
    await rm(`${file}.pub`, { force: true });
  }
}

/** All machines of a run are in one group, so the first that took it is the last to let go. */
export async function deleteGroup(parts: BuildParts, context: AccessContext): Promise<void> {
  const target = await parts.targets.get(context.input.target);
  if (target.builder.securityGroupId !== undefined) return;
  const ec2 = await target.client(context.input.region);
  const groupId = await findGroup(ec2, groupName(context.runId));
  if (groupId !== undefined) await ec2.deleteSecurityGroup({ GroupId: groupId }).catch(unlessGone);
}

async function ownKey(parts: BuildParts, ec2: EC2, context: AccessContext, purpose: Purpose) {
  const file = keyFile(parts, context.runId, purpose);
  const name = keyName(context.runId, purpose);
  await mkdir(join(parts.directories.builds, context.runId), { recursive: true, mode: 0o700 });
  // The private half first: a key pair whose private half nobody has is of no use to a repeated step.
  let publicKey = await readIfPresent(`${file}.pub`);
  if (publicKey === undefined || (await readIfPresent(file)) === undefined) {
    const pair = newSshKeyPair(name);
    publicKey = pair.publicKey;
    await writeDurably(file, pair.privateKey, { mode: 0o600 });
    await writeDurably(`${file}.pub`, publicKey, { mode: 0o600 });
    await ec2.deleteKeyPair({ KeyName: name });
  }
  try {
    await ec2.importKeyPair({
      KeyName: name,
      PublicKeyMaterial: Buffer.from(publicKey),
      TagSpecifications: tagged(['key-pair'], temporaryTags(context)),
    });
  } catch (error) {
    if (!isCode(error, 'InvalidKeyPair.Duplicate')) throw error;
  }
  return { keyName: name, keyFile: file };
}

async function ownGroup(ec2: EC2, target: Target, context: AccessContext): Promise<string> {
  const name = groupName(context.runId);
  const groupId = (await findGroup(ec2, name)) ?? (await makeGroup(ec2, target, context, name));
  try {
    await ec2.authorizeSecurityGroupIngress({
      GroupId: groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: target.builder.sshSource }] },
      ],
    });
  } catch (error) {
    if (!isCode(error, 'InvalidPermission.Duplicate')) throw error;
  }
  return groupId;
}

async function makeGroup(ec2: EC2, target: Target, context: AccessContext, name: string): Promise<string> {
  const vpcId = await vpcOf(ec2, target.builder.subnetId);
  try {
    const { GroupId } = await ec2.createSecurityGroup({
      GroupName: name,
      Description: `SSH to the machines of ${context.runId}`,
      ...(vpcId === undefined ? {} : { VpcId: vpcId }),
      TagSpecifications: tagged(['security-group'], temporaryTags(context)),
    });
    return GroupId ?? '';
  } catch (error) {
    // The call was repeated because its answer was lost.
    const made = isCode(error, 'InvalidGroup.Duplicate') ? await findGroup(ec2, name) : undefined;
    if (made === undefined) throw error;
    return made;
  }
}

/** Undefined for the default one. */
async function findGroup(ec2: EC2, name: string): Promise<string | undefined> {
  const found = await ec2.describeSecurityGroups({ Filters: [{ Name: 'group-name', Values: [name] }] });
  return found.SecurityGroups?.[0]?.GroupId;
}

function unlessGone(error: unknown): void {
  if (!isCode(error, 'InvalidGroup.NotFound')) throw error;
}

function keyName(runId: string, purpose: Purpose): string {
  return purpose === 'build' ? `ingot-${runId}` : `ingot-${runId}-proof`;
}

function groupName(runId: string): string {
  return `ingot-${runId}`;
}

export function keyFile(parts: Pick<BuildParts, 'directories'>, runId: string, purpose: Purpose): string {
  return join(parts.directories.builds, runId, purpose === 'build' ? 'key' : 'proof-key');
}

/** The private half, to log in with. */
export async function readKey({ keyFile: file }: Pick<MachineAccess, 'keyFile'>): Promise<string> {
  return await readFile(file, 'utf8');
}
