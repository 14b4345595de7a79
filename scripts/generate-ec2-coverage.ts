/** Writes docs/reference/ec2-coverage.md: every action of EC2, and whether this cloud serves it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadEc2Model } from '../src/ec2/model/ec2-model.ts';

/** First match wins, so the narrow groups stand before the wide ones. */
const groups: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['Launch templates', /LaunchTemplate/],
  ['Key pairs', /KeyPair/],
  ['Tags', /^(?:Create|Delete|Describe)Tags$/],
  ['Transit gateways', /TransitGateway/],
  ['Verified Access', /VerifiedAccess/],
  ['VPN', /Vpn|CustomerGateway/],
  ['IPAM', /Ipam/],
  ['Capacity, hosts and reservations', /Reserv|Capacity|Host|Fleet|Spot|ScheduledInstance|PlacementGroup/],
  ['Images', /Image|Ami|FastLaunch|StoreImage/],
  ['Snapshots', /Snapshot/],
  ['Volumes', /Volume|Ebs/],
  ['Security groups', /SecurityGroup/],
  ['Network interfaces and addresses', /NetworkInterface|Address|PublicIpv4|Ipv6|CoipPool/],
  [
    'Networks',
    /Vpc|Subnet|Route|InternetGateway|NatGateway|NetworkAcl|DhcpOptions|Network|PrefixList|LocalGateway|CarrierGateway|TrafficMirror|FlowLog/,
  ],
  ['Regions and accounts', /Region|AvailabilityZone|AccountAttribute|IdFormat|SerialConsole/],
  ['Instances', /Instance|Console|PasswordData|Bundle/],
  ['Other', /^/],
];

/** The page, from the names of the actions that are served. */
export function describeCoverage(served: readonly string[]): string {
  const known = new Set(served);
  const all = [...loadEc2Model().actionNames].sort();
  const byGroup = new Map(groups.map(([title]) => [title, [] as string[]]));
  for (const action of all) byGroup.get(groupOf(action))?.push(action);
  const sections = [...byGroup]
    .filter(([, actions]) => actions.length > 0)
    .map(([title, actions]) => section(title, actions, known));
  return [
    '# EC2 coverage',
    '',
    'Written by `node scripts/generate-ec2-coverage.ts`; a test compares it with the operations of the cloud.',
    'An action that is not served is answered with `UnsupportedOperation`, so that no client retries it.',
    '',
    `**Served: ${all.filter((action) => known.has(action)).length} of ${all.length} actions.**`,
    '',
    ...sections,
  ].join('\n');
}

function groupOf(action: string): string {
  return groups.find(([, pattern]) => pattern.test(action))?.[0] ?? 'Other';
}

/** What is served comes first. */
function section(title: string, actions: readonly string[], served: ReadonlySet<string>): string {
  const present = actions.filter((action) => served.has(action));
  const absent = actions.filter((action) => !served.has(action));
  const rows = [
    ...present.map((action) => `| ${action} | yes |`),
    ...absent.map((action) => `| ${action} | no |`),
  ];
  return [
    `## ${title}: ${present.length} of ${actions.length}`,
    '',
    '| Action | Served |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const operations = new URL('../src/cloud/operations.ts', import.meta.url);
  const { operationNames } = (await import(operations.href)) as { operationNames: readonly string[] };
  writeFileSync(
    new URL('../docs/reference/ec2-coverage.md', import.meta.url),
    describeCoverage(operationNames),
  );
}
