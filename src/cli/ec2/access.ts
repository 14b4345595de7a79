/** What a launch needs so that one gets in: this home's key in the region, and a security group that opens ports. */
import { createHash } from 'node:crypto';
import type { EC2 } from '@aws-sdk/client-ec2';
import { CliError, exitCodes } from '../errors.ts';

/** Imports the public key where it isn't; its name says which key it is, so that homes don't collide. */
export async function ensureKeyPair(ec2: EC2, publicKey: string): Promise<string> {
  const name = `ingot-${shortHash(publicKey.trim())}`;
  const { KeyPairs = [] } = await ec2.describeKeyPairs({ Filters: [{ Name: 'key-name', Values: [name] }] });
  if (KeyPairs.length > 0) return name;
  try {
    await ec2.importKeyPair({ KeyName: name, PublicKeyMaterial: Buffer.from(publicKey) });
  } catch (error) {
    // Another launch of this home was quicker.
    if ((error as Error).name !== 'InvalidKeyPair.Duplicate') throw error;
  }
  return name;
}

export interface Openings {
  readonly ports: readonly number[];
  /** '0.0.0.0/0' */
  readonly source: string;
}

/** One group for each set of openings; made once and shared by the instances that have them. */
export async function ensureSecurityGroup(ec2: EC2, openings: Openings): Promise<string> {
  const ports = [...new Set([22, ...openings.ports])].sort((a, b) => a - b);
  const name = `ingot-${shortHash(JSON.stringify([ports, openings.source]))}`;
  const known = await groupNamed(ec2, name);
  if (known !== undefined) return known;
  try {
    const Description = `Opened by ingot launch: ${ports.join(', ')} from ${openings.source}`.slice(0, 255);
    const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: name, Description });
    const IpPermissions = ports.map((port) => ({
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      IpRanges: [{ CidrIp: openings.source }],
    }));
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
    return GroupId;
  } catch (error) {
    const other =
      (error as Error).name === 'InvalidGroup.Duplicate' ? await groupNamed(ec2, name) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

async function groupNamed(ec2: EC2, name: string): Promise<string | undefined> {
  const filters = [{ Name: 'group-name', Values: [name] }];
  return (await ec2.describeSecurityGroups({ Filters: filters })).SecurityGroups?.[0]?.GroupId;
}

/** '80,443' */
export function parsePorts(text: string): readonly number[] {
  return text.split(',').map((part) => {
    const port = Number(part);
    if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
    throw new CliError(
      `--ports '${text}': '${part}' is no port; give numbers from 1 to 65535, as in 80,443`,
      {
        exitCode: exitCodes.usage,
      },
    );
  });
}

/** An IPv4 address stands for itself alone. */
export function parseSource(text: string): string {
  const [, address = '', bits = '32'] = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  if (address !== '' && address.split('.').every((part) => Number(part) < 256) && Number(bits) <= 32) {
    return `${address}/${bits}`;
  }
  throw new CliError(`--from '${text}': give an IPv4 address or range, as in 127.0.0.1 or 10.0.0.0/8`, {
    exitCode: exitCodes.usage,
  });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
