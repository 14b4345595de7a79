/** What a launch needs so that one gets in: a public key in the region, and a security group that opens ports. */
import { createHash } from 'node:crypto';
import type { EC2 } from '@aws-sdk/client-ec2';
import { isCode } from '../aws/until.ts';
import { vpcOf } from '../aws/vpc-of.ts';

/** Imports the public key where it isn't; its name says which key it is, so that homes don't collide. */
export async function ensureKeyPair(ec2: EC2, publicKey: string): Promise<string> {
  const name = `ingot-${shortHash(publicKey.trim())}`;
  const { KeyPairs = [] } = await ec2.describeKeyPairs({ Filters: [{ Name: 'key-name', Values: [name] }] });
  if (KeyPairs.length > 0) return name;
  try {
    await ec2.importKeyPair({ KeyName: name, PublicKeyMaterial: Buffer.from(publicKey) });
  } catch (error) {
    // Another launch of this home was quicker.
    if (!isCode(error, 'InvalidKeyPair.Duplicate')) throw error;
  }
  return name;
}

export interface Openings {
  /** Beside 22. */
  readonly ports: readonly number[];
  /** '0.0.0.0/0' */
  readonly source: string;
}

/** One group for each set of openings; made once and shared by the instances that have them. */
export async function ensureSecurityGroup(
  ec2: EC2,
  openings: Openings,
  subnetId: string | undefined,
): Promise<string> {
  const ports = [...new Set([22, ...openings.ports])].sort((a, b) => a - b);
  const vpcId = await vpcOf(ec2, subnetId);
  const name = `ingot-${shortHash(JSON.stringify([ports, openings.source, ...(vpcId === undefined ? [] : [vpcId])]))}`;
  const known = await groupNamed(ec2, name);
  if (known !== undefined) return known;
  try {
    const Description = `Opened by ingot launch: ${ports.join(', ')} from ${openings.source}`.slice(0, 255);
    const { GroupId = '' } = await ec2.createSecurityGroup({
      GroupName: name,
      Description,
      ...(vpcId === undefined ? {} : { VpcId: vpcId }),
    });
    const IpPermissions = ports.map((port) => ({
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      IpRanges: [{ CidrIp: openings.source }],
    }));
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
    return GroupId;
  } catch (error) {
    const other = isCode(error, 'InvalidGroup.Duplicate') ? await groupNamed(ec2, name) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

async function groupNamed(ec2: EC2, name: string): Promise<string | undefined> {
  const filters = [{ Name: 'group-name', Values: [name] }];
  return (await ec2.describeSecurityGroups({ Filters: filters })).SecurityGroups?.[0]?.GroupId;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
