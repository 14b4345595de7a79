/** Names for base images that hold in every region: who publishes them, how they are named, and who logs in. */
import type { Architecture } from '../../platform/ids.ts';

export interface BaseAlias {
  /** An account, or `amazon`. */
  readonly owner: string;
  /** As a DescribeImages filter; the newest that fits is taken. */
  readonly namePattern: string;
  readonly sshUser: string;
}

const canonical = '099720109477';
const debian = '136693071363';
const amazon = 'amazon';

const debianArch = { x86_64: 'amd64', arm64: 'arm64' } as const;

type Aliases = Readonly<Record<string, (architecture: Architecture) => BaseAlias>>;

// https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
const ubuntu = (place: string, codename: string, version: string) => (architecture: Architecture) => ({
  owner: canonical,
  namePattern: `ubuntu/images/${place}/ubuntu-${codename}-${version}-${debianArch[architecture]}-server-*`,
  sshUser: 'ubuntu',
});

// https://wiki.debian.org/Cloud/AmazonEC2Image
const debianRelease = (release: string) => (architecture: Architecture) => ({
  owner: debian,
  namePattern: `debian-${release}-${debianArch[architecture]}-*`,
  sshUser: 'admin',
});

/** On AWS, in all its regions but China's and the isolated ones, where other accounts publish. */
export const awsAliases: Aliases = {
  'debian-12': debianRelease('12'),
  'debian-13': debianRelease('13'),
  'ubuntu-22.04-lts': ubuntu('hvm-ssd', 'jammy', '22.04'),
  'ubuntu-24.04-lts': ubuntu('hvm-ssd-gp3', 'noble', '24.04'),
  // https://docs.aws.amazon.com/linux/al2023/ug/naming-and-versioning.html
  'amazon-linux-2023': (architecture) => ({
    owner: amazon,
    namePattern: `al2023-ami-2023.*-kernel-*-${architecture}`,
    sshUser: 'ec2-user',
  }),
};

/** On any EC2 but AWS, Ingot's own base images go by the names that Ingot gives them. */
export const ingotAliases: Aliases = {
  tiny: (architecture) => ({
    owner: amazon,
    namePattern: `ingot-tiny-${architecture}-*`,
    sshUser: 'ec2-user',
  }),
  'debian-12': (architecture) => ({
    owner: amazon,
    namePattern: `debian-12-${architecture}-*`,
    sshUser: 'admin',
  }),
};

/** SSH users of well-known publishers, for images named by id or name that say nothing themselves. */
export const usersByName: readonly (readonly [RegExp, string])[] = [
  [/^ubuntu\/|ubuntu-/i, 'ubuntu'],
  [/^ingot-tiny-/, 'ec2-user'],
  [/^debian-/i, 'admin'],
  [/rocky/i, 'rocky'],
  [/^(al20|amzn)/, 'ec2-user'],
];
export const usualUser = 'ec2-user';
