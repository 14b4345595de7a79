/**
 * What EC2 says of an id that is malformed or names nothing. Codes: errors-overview of the API reference;
 * words as real AWS answers them, which clients match on (Packer, Terraform).
 */
import { isId } from '../platform/ids.ts';
import { Ec2Fault } from './faults.ts';

interface ResourceWords {
  readonly prefix: Parameters<typeof isId>[0];
  readonly malformed: string;
  readonly notFound: string;
  readonly one: (id: string) => string;
  readonly many: (ids: string) => string;
}

const resources = {
  image: words('ami', 'InvalidAMIID', {
    one: (id) => `The image id '[${id}]' does not exist`,
    many: (ids) => `The image ids '[${ids}]' do not exist`,
  }),
  instance: words('i', 'InvalidInstanceID', {
    one: (id) => `The instance ID '${id}' does not exist`,
    many: (ids) => `The instance IDs '${ids}' do not exist`,
  }),
  snapshot: words('snap', 'InvalidSnapshotID', {
    notFound: 'InvalidSnapshot.NotFound',
    one: (id) => `The snapshot '${id}' does not exist.`,
    many: (ids) => `The snapshots '${ids}' do not exist.`,
  }),
  volume: words('vol', 'InvalidVolumeID', {
    notFound: 'InvalidVolume.NotFound',
    one: (id) => `The volume '${id}' does not exist.`,
    many: (ids) => `The volumes '${ids}' do not exist.`,
  }),
  securityGroup: words('sg', 'InvalidGroupId', {
    notFound: 'InvalidGroup.NotFound',
    one: (id) => `The security group '${id}' does not exist`,
    many: (ids) => `The security groups '${ids}' do not exist`,
  }),
  securityGroupRule: words('sgr', 'InvalidSecurityGroupRuleId', idWords('security group rule')),
  keyPair: words('key', 'InvalidKeyPair', {
    one: (id) => `The key pair '${id}' does not exist`,
    many: (ids) => `The key pairs '${ids}' do not exist`,
  }),
  launchTemplate: words('lt', 'InvalidLaunchTemplateId', {
    one: (id) => `The specified launch template, with template ID ${id}, does not exist.`,
    many: (ids) => `The specified launch templates, with template IDs ${ids}, do not exist.`,
  }),
  vpc: words('vpc', 'InvalidVpcID', idWords('vpc')),
  subnet: words('subnet', 'InvalidSubnetID', idWords('subnet')),
  networkInterface: words('eni', 'InvalidNetworkInterfaceID', idWords('networkInterface')),
  internetGateway: words('igw', 'InvalidInternetGatewayID', idWords('internetGateway')),
  routeTable: words('rtb', 'InvalidRouteTableID', idWords('routeTable')),
  networkAcl: words('acl', 'InvalidNetworkAclID', idWords('networkAcl')),
  dhcpOptions: words('dopt', 'InvalidDhcpOptionsID', idWords('dhcpOption')),
} as const satisfies Readonly<Record<string, ResourceWords>>;

export type ResourceName = keyof typeof resources;

/** `Invalid id: "x" (expecting "ami-...")` */
export function malformedId(resource: ResourceName, id: string): Ec2Fault {
  const { malformed, prefix } = resources[resource];
  return new Ec2Fault(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

/** One id or several, named in the message; EC2 words the plural differently. */
export function notFound(resource: ResourceName, ids: string | readonly string[]): Ec2Fault {
  const { notFound: code, one, many } = resources[resource];
  const listed = typeof ids === 'string' ? [ids] : ids;
  return new Ec2Fault(code, listed.length === 1 ? one(listed[0] ?? '') : many(listed.join(', ')));
}

/** Throws the Malformed fault for the first id that isn't one of the resource. */
export function checkIds(resource: ResourceName, ids: readonly string[] | undefined): void {
  const wrong = ids?.find((id) => !isId(resources[resource].prefix, id));
  if (wrong !== undefined) throw malformedId(resource, wrong);
}

function words(
  prefix: ResourceWords['prefix'],
  code: string,
  texts: Pick<ResourceWords, 'one' | 'many'> & { readonly notFound?: string },
): ResourceWords {
  return { prefix, malformed: `${code}.Malformed`, notFound: `${code}.NotFound`, ...texts };
}

function idWords(noun: string): Pick<ResourceWords, 'one' | 'many'> {
  return {
    one: (id) => `The ${noun} ID '${id}' does not exist`,
    many: (ids) => `The ${noun} IDs '${ids}' do not exist`,
  };
}
