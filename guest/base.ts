/** The bases Ingot builds itself, and what is true of each before anything is built. */

export type BaseName = 'tiny' | 'debian-12';
export type Architecture = 'x86_64' | 'arm64';

export interface BaseImage {
  readonly name: BaseName;
  readonly architecture: Architecture;
  /** `YYYYMMDD-<8 hex of the recipe's digest>`: sorts by time, and says which recipe it came from. */
  readonly version: string;
  /** Absolute path of the qcow2. */
  readonly file: string;
  readonly sha256: string;
  readonly virtualSizeBytes: number;
  readonly firmware: 'bios' | 'uefi';
  readonly sshUser: string;
  readonly imageName: string;
  readonly description: string;
}

export interface BaseFacts {
  /** The image name without its version. */
  readonly prefix: string;
  readonly firmware: 'bios' | 'uefi';
  readonly sshUser: string;
  readonly virtualSizeBytes: number;
  readonly description: string;
  /** Debian's name for the architecture. */
  readonly debianArchitecture: 'amd64' | 'arm64';
  /** Folders of guest/ whose files make the image; a change in one of them makes a new version. */
  readonly recipeFolders: readonly string[];
}

const gibibyte = 1024 ** 3;

const tiny = {
  sshUser: 'ec2-user',
  virtualSizeBytes: gibibyte,
  recipeFolders: ['tiny', 'debian', 'disk'],
} as const;

const facts: Readonly<Record<BaseName, Partial<Record<Architecture, BaseFacts>>>> = {
  tiny: {
    x86_64: {
      ...tiny,
      prefix: 'ingot-tiny-x86_64',
      firmware: 'bios',
      debianArchitecture: 'amd64',
      description: 'Ingot tiny: Debian 12 kernel, BusyBox, SSH and the QEMU guest agent (x86_64, BIOS)',
    },
    arm64: {
      ...tiny,
      prefix: 'ingot-tiny-arm64',
      firmware: 'uefi',
      debianArchitecture: 'arm64',
      description: 'Ingot tiny: Debian 12 kernel, BusyBox, SSH and the QEMU guest agent (arm64, UEFI)',
    },
  },
  'debian-12': {
    x86_64: {
      prefix: 'debian-12-x86_64',
      firmware: 'bios',
      sshUser: 'admin',
      virtualSizeBytes: 4 * gibibyte,
      debianArchitecture: 'amd64',
      recipeFolders: ['debian-12', 'debian', 'disk'],
      description: 'Debian 12 (bookworm) with cloud-init and the QEMU guest agent (x86_64, BIOS)',
    },
  },
};

export function baseFacts(name: BaseName, architecture: Architecture): BaseFacts {
  const found = facts[name][architecture];
  if (found === undefined) {
    throw new Error(
      `No recipe builds ${name} for ${architecture}; there are ${knownBases().join(', ')}. ` +
        'For other combinations add an image from the catalogue of distributions (guest/catalogue.ts).',
    );
  }
  return found;
}

/** Every base there is a recipe for, as `name/architecture`. */
export function knownBases(): readonly string[] {
  return Object.entries(facts).flatMap(([name, byArchitecture]) =>
    Object.keys(byArchitecture).map((architecture) => `${name}/${architecture}`),
  );
}
