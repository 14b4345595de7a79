/** One registry of typed ids. EC2's are a prefix and 17 hex digits; our own are longer-lived names on disk. */
import { randomBytes } from 'node:crypto';

type Branded<Name extends string> = string & { readonly __id: Name };

export type ImageId = Branded<'ami'>;
export type SnapshotId = Branded<'snap'>;
export type VolumeId = Branded<'vol'>;
export type InstanceId = Branded<'i'>;
export type LayerId = Branded<'layer'>;
export type NodeId = Branded<'node'>;
export type AccountId = Branded<'account'>;

interface Prefixes {
  readonly ami: ImageId;
  readonly snap: SnapshotId;
  readonly vol: VolumeId;
  readonly i: InstanceId;
  readonly layer: LayerId;
  readonly key: string;
  readonly r: string;
  readonly sg: string;
  readonly sgr: string;
  readonly lt: string;
  readonly vpc: string;
  readonly subnet: string;
  readonly igw: string;
  readonly rtb: string;
  readonly eni: string;
  readonly 'eni-attach': string;
  readonly rtbassoc: string;
  readonly acl: string;
  readonly dopt: string;
}

export function newId<P extends keyof Prefixes>(prefix: P): Prefixes[P] {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}` as Prefixes[P];
}

/** EC2 accepts the old 8-digit form and the 17-digit one. */
export function isId(prefix: keyof Prefixes, value: string): boolean {
  return (
    value.startsWith(`${prefix}-`) && /^[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(value.slice(prefix.length + 1))
  );
}

export type Architecture = 'x86_64' | 'arm64';
export type Firmware = 'bios' | 'uefi';
