/**
 * The distributions' own cloud images, for machines that reach the internet. All run cloud-init, read a NoCloud seed
 * and are published with a list of checksums in the same folder. `latest` and `release` move: the list says what is
 * there today.
 */
import type { Architecture } from './base.ts';

export interface CatalogueImage {
  readonly name: string;
  readonly architecture: Architecture;
  readonly url: string;
  readonly checksumsUrl: string;
  readonly checksum: 'sha256' | 'sha512';
  readonly format: 'qcow2';
  readonly firmware: 'bios' | 'uefi';
  readonly sshUser: string;
  readonly description: string;
}

const debianNames = { x86_64: 'amd64', arm64: 'arm64' } as const;
const architectures = ['x86_64', 'arm64'] as const;

// https://cloud.debian.org/images/cloud/ : genericcloud has the cloud kernel and no drivers for real hardware.
const debianReleases = [
  { version: '12', codename: 'bookworm' },
  { version: '13', codename: 'trixie' },
] as const;

// https://cloud-images.ubuntu.com/releases/ : .img files are qcow2.
const ubuntuReleases = [
  { version: '22.04', codename: 'jammy' },
  { version: '24.04', codename: 'noble' },
] as const;

export const catalogue: readonly CatalogueImage[] = [
  ...debianReleases.flatMap(({ version, codename }) =>
    architectures.map((architecture): CatalogueImage => {
      const folder = `https://cloud.debian.org/images/cloud/${codename}/latest`;
      return {
        name: `debian-${version}-cloud`,
        architecture,
        url: `${folder}/debian-${version}-genericcloud-${debianNames[architecture]}.qcow2`,
        checksumsUrl: `${folder}/SHA512SUMS`,
        checksum: 'sha512',
        format: 'qcow2',
        firmware: firmwareOf(architecture),
        sshUser: 'debian',
        description: `Debian ${version} (${codename}) generic cloud image, ${architecture}`,
      };
    }),
  ),
  ...ubuntuReleases.flatMap(({ version, codename }) =>
    architectures.map((architecture): CatalogueImage => {
      const folder = `https://cloud-images.ubuntu.com/releases/${codename}/release`;
      return {
        name: `ubuntu-${version}-cloud`,
        architecture,
        url: `${folder}/ubuntu-${version}-server-cloudimg-${debianNames[architecture]}.img`,
        checksumsUrl: `${folder}/SHA256SUMS`,
        checksum: 'sha256',
        format: 'qcow2',
        firmware: firmwareOf(architecture),
        sshUser: 'ubuntu',
        description: `Ubuntu ${version} LTS (${codename}) cloud image, ${architecture}`,
      };
    }),
  ),
];

export function findCatalogueImage(name: string, architecture: Architecture): CatalogueImage {
  const found = catalogue.find((image) => image.name === name && image.architecture === architecture);
  if (found !== undefined) return found;
  const known = catalogue.map((image) => `${image.name} (${image.architecture})`).join(', ');
  throw new Error(`The catalogue has no ${name} for ${architecture}; it has ${known}.`);
}

function firmwareOf(architecture: Architecture): 'bios' | 'uefi' {
  return architecture === 'arm64' ? 'uefi' : 'bios';
}
