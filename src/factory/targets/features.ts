/**
 * What each feature of the factory calls, and on what: the least that a user of a target must be allowed.
 * Resource names are those of the service authorization reference for EC2 and EBS.
 */

export const featureNames = [
  'build',
  'cache',
  'save',
  'copy',
  'share',
  'launch',
  'publish',
  'fetch',
  'deploy',
  'cleanup',
  'costs',
  'push',
  'pull',
] as const;

export type Feature = (typeof featureNames)[number];

type Kind =
  | 'instance'
  | 'image'
  | 'snapshot'
  | 'volume'
  | 'network-interface'
  | 'subnet'
  | 'security-group'
  | 'key-pair';

export interface Permission {
  /** 'ec2:RunInstances' */
  readonly action: string;
  /** What it acts on; all where it can't be narrowed. */
  readonly on: readonly Kind[] | 'all';
}

function ec2(names: readonly string[], on: Permission['on']): readonly Permission[] {
  return names.map((name) => ({ action: `ec2:${name}`, on }));
}

/** Reading can't be narrowed in EC2. */
const look = ec2(
  ['DescribeRegions', 'DescribeImages', 'DescribeInstances', 'DescribeSnapshots', 'DescribeTags'],
  'all',
);

const tag = ec2(
  ['CreateTags'],
  ['instance', 'image', 'snapshot', 'volume', 'network-interface', 'security-group', 'key-pair'],
);

const run = [
  ...ec2(
    ['RunInstances'],
    ['instance', 'image', 'volume', 'network-interface', 'subnet', 'security-group', 'key-pair', 'snapshot'],
  ),
  ...ec2(['DescribeInstanceStatus', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeKeyPairs'], 'all'),
  ...ec2(['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress', 'DeleteSecurityGroup'], ['security-group']),
  ...ec2(['ImportKeyPair', 'DeleteKeyPair'], ['key-pair']),
  ...ec2(['TerminateInstances', 'GetConsoleOutput'], ['instance']),
];

const capture = [
  ...ec2(['CreateImage'], ['instance', 'image', 'snapshot']),
  ...ec2(['DeregisterImage'], ['image']),
  ...ec2(['DeleteSnapshot'], ['snapshot']),
];

const copy = ec2(['CopyImage'], ['image', 'snapshot']);
const register = ec2(['RegisterImage'], ['image', 'snapshot']);

const blocks = (actions: readonly string[]): readonly Permission[] =>
  actions.map((name) => ({ action: `ebs:${name}`, on: ['snapshot'] }));

export const features: Readonly<Record<Feature, readonly Permission[]>> = {
  build: [...look, ...tag, ...run, ...capture],
  cache: [
    ...look,
    ...tag,
    ...ec2(['CreateSnapshot'], ['snapshot', 'volume']),
    ...register,
    ...ec2(['DeregisterImage'], ['image']),
    ...ec2(['DeleteSnapshot'], ['snapshot']),
  ],
  save: [
    ...look,
    ...tag,
    ...capture,
    ...ec2(['DescribeVolumes'], 'all'),
    ...ec2(['StopInstances', 'StartInstances'], ['instance']),
  ],
  copy: [...look, ...tag, ...copy],
  share: [
    ...look,
    ...ec2(['GetImageBlockPublicAccessState'], 'all'),
    ...ec2(['DescribeImageAttribute', 'ModifyImageAttribute', 'ResetImageAttribute'], ['image']),
    ...ec2(['ModifySnapshotAttribute'], ['snapshot']),
  ],
  launch: [...look, ...tag, ...run, ...copy, ...ec2(['DescribeInstanceTypeOfferings'], 'all')],
  deploy: [
    ...look,
    ...tag,
    ...run,
    ...capture,
    ...copy,
    ...ec2(['AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupEgress'], ['security-group']),
  ],
  publish: [...look, ...blocks(['ListSnapshotBlocks', 'GetSnapshotBlock'])],
  fetch: [
    ...look,
    ...tag,
    ...register,
    ...ec2(['DeregisterImage'], ['image']),
    ...ec2(['DeleteSnapshot'], ['snapshot']),
    ...blocks(['StartSnapshot', 'PutSnapshotBlock', 'CompleteSnapshot']),
  ],
  cleanup: [
    ...look,
    ...tag,
    ...ec2(['DeleteTags'], ['image', 'snapshot']),
    ...ec2(['DescribeLaunchTemplates', 'DescribeLaunchTemplateVersions', 'ListImagesInRecycleBin'], 'all'),
    ...ec2(
      [
        'DescribeImageAttribute',
        'EnableImageDeprecation',
        'DisableImageDeprecation',
        'DisableImage',
        'EnableImage',
        'DeregisterImage',
        'RestoreImageFromRecycleBin',
      ],
      ['image'],
    ),
    ...ec2(['DeleteSnapshot'], ['snapshot']),
  ],
  costs: [
    ...look,
    ...blocks(['ListSnapshotBlocks', 'ListChangedBlocks']),
    { action: 'pricing:GetProducts', on: 'all' },
  ],
  push: [
    ...look,
    ...tag,
    ...register,
    ...blocks([
      'StartSnapshot',
      'PutSnapshotBlock',
      'CompleteSnapshot',
      'ListSnapshotBlocks',
      'ListChangedBlocks',
    ]),
  ],
  pull: [...look, ...blocks(['ListSnapshotBlocks', 'ListChangedBlocks', 'GetSnapshotBlock'])],
};
