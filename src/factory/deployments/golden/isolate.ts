/**
 * A copy of a running machine starts what the machine runs: it must not reach the same databases or send the same mail.
 * So its group lets nothing out; answers to SSH pass all the same. The proof's machine is let out again.
 */
import type { IpPermission } from '@aws-sdk/client-ec2';
import { isCode } from '../../aws/until.ts';
import type { MachineAccess } from '../../builds/build.ts';
import type { BuildParts } from '../../builds/parts.ts';
import { askedPort } from '../../readiness/ask-http.ts';
import type { Readiness } from '../../templates/template.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';

interface ReadinessContext {
  readonly input: {
    readonly target: string;
    readonly region: string;
    readonly template: { readonly readiness: Pick<Readiness, 'http' | 'tcp'> };
  };
}

const everything: IpPermission[] = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

export async function closeOutside(
  parts: DeploymentParts,
  context: GoldenContext,
  access: MachineAccess,
): Promise<void> {
  const group = await ownGroup(parts, context, access);
  await group?.ec2
    .revokeSecurityGroupEgress({ GroupId: group.id, IpPermissions: everything })
    .catch(unless('InvalidPermission.NotFound'));
}

export async function openOutside(
  parts: DeploymentParts,
  context: GoldenContext,
  access: MachineAccess,
): Promise<void> {
  const group = await ownGroup(parts, context, access);
  await group?.ec2
    .authorizeSecurityGroupEgress({ GroupId: group.id, IpPermissions: everything })
    .catch(unless('InvalidPermission.Duplicate'));
}

/** What readiness asks is asked from here. */
export async function openInside(
  parts: BuildParts,
  context: ReadinessContext,
  access: MachineAccess,
): Promise<void> {
  const group = await ownGroup(parts, context, access);
  for (const port of askedPorts(context.input)) {
    await group?.ec2
      .authorizeSecurityGroupIngress({
        GroupId: group.id,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: group.source }] },
        ],
      })
      .catch(unless('InvalidPermission.Duplicate'));
  }
}

function askedPorts({ template }: ReadinessContext['input']): readonly number[] {
  const { http, tcp } = template.readiness;
  const asked = new Set([http && askedPort(http), tcp?.port]);
  return [...asked].filter((port) => port !== undefined && port !== 22) as number[];
}

/** Undefined where the target names a group of its own, which is not ours to change. */
async function ownGroup(
  { targets }: Pick<BuildParts, 'targets'>,
  { input }: Pick<ReadinessContext, 'input'>,
  { securityGroupId: id }: MachineAccess,
) {
  const target = await targets.get(input.target);
  if (target.builder.securityGroupId !== undefined) return undefined;
  return { id, ec2: await target.client(input.region), source: target.builder.sshSource };
}

function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!isCode(error, code)) throw error;
  };
}
