/**
 * What each volume type may be: sizes, IOPS and throughput (CreateVolume reference, 2026). They are kept and
 * shown as given; every volume here is a file on the node's disk and as fast as that is.
 */
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidCombination, invalidParameterValue } from '../../ec2/request-faults.ts';

interface Range {
  readonly min: number;
  readonly max: number;
}

interface VolumeTypeRules {
  readonly sizeGiB: Range;
  readonly iops?: Range & { readonly perGiB: number; readonly whenAbsent?: number };
  readonly throughput?: Range & { readonly perIops: number; readonly whenAbsent: number };
}

const rules = {
  gp2: { sizeGiB: { min: 1, max: 16_384 } },
  gp3: {
    sizeGiB: { min: 1, max: 65_536 },
    iops: { min: 3000, max: 80_000, perGiB: 500, whenAbsent: 3000 },
    throughput: { min: 125, max: 2000, perIops: 0.25, whenAbsent: 125 },
  },
  io1: { sizeGiB: { min: 4, max: 16_384 }, iops: { min: 100, max: 64_000, perGiB: 50 } },
  io2: { sizeGiB: { min: 4, max: 65_536 }, iops: { min: 100, max: 256_000, perGiB: 1000 } },
  st1: { sizeGiB: { min: 125, max: 16_384 } },
  sc1: { sizeGiB: { min: 125, max: 16_384 } },
  standard: { sizeGiB: { min: 1, max: 1024 } },
} as const satisfies Readonly<Record<string, VolumeTypeRules>>;

export interface VolumeShape {
  readonly volumeType: string;
  readonly sizeGiB: number;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
}

export interface Performance {
  readonly iops: number | null;
  readonly throughput: number | null;
}

/** What the volume is provisioned with; throws EC2's fault for a shape that its type does not allow. */
export function checkedShape(shape: VolumeShape): Performance {
  const type = rulesOf(shape.volumeType);
  checkSize(shape, type.sizeGiB);
  const iops = checkedIops(shape, type.iops);
  return { iops, throughput: checkedThroughput(shape, type.throughput, iops) };
}

/** A gp2 volume has IOPS by its size, and cannot be given any. */
export function shownIops(volume: {
  readonly volume_type: string;
  readonly size_gib: number;
  readonly iops: number | null;
}): number | undefined {
  if (volume.volume_type === 'gp2') return Math.min(16_000, Math.max(100, 3 * volume.size_gib));
  return volume.iops ?? undefined;
}

function rulesOf(volumeType: string): VolumeTypeRules {
  if (Object.hasOwn(rules, volumeType)) return rules[volumeType as keyof typeof rules];
  throw new Ec2Fault(
    'UnknownVolumeType',
    `Unsupported volume type '${volumeType}' for volume creation. Offered: ${Object.keys(rules).join(', ')}.`,
  );
}

function checkSize({ volumeType, sizeGiB }: VolumeShape, { min, max }: Range): void {
  if (!Number.isInteger(sizeGiB)) {
    throw invalidParameterValue(`A volume's size is a whole number of GiB; given: ${sizeGiB}`);
  }
  if (sizeGiB < min) {
    throw invalidParameterValue(`Volume of ${sizeGiB}GiB is too small; minimum is ${min}GiB.`);
  }
  if (sizeGiB > max) {
    throw invalidParameterValue(
      `Volume of ${sizeGiB}GiB is too large for volume type ${volumeType}; maximum is ${max}GiB.`,
    );
  }
}

function checkedIops({ volumeType, sizeGiB, iops }: VolumeShape, rule: VolumeTypeRules['iops']) {
  if (rule === undefined) {
    if (iops === undefined) return null;
    throw invalidCombination(`The parameter iops is not supported for ${volumeType} volumes.`);
  }
  const wanted = iops ?? rule.whenAbsent;
  if (wanted === undefined) {
    throw new Ec2Fault('MissingParameter', `The parameter iops must be specified for ${volumeType} volumes.`);
  }
  checkBounds('iops', wanted, rule);
  const ratio = wanted / sizeGiB;
  // The least that a type has comes with its smallest volume too.
  if (wanted > rule.min && ratio > rule.perGiB) {
    throw invalidCombination(
      `Iops to volume size ratio of ${ratio.toFixed(6)} is too high; maximum is ${rule.perGiB}.`,
    );
  }
  return wanted;
}

function checkedThroughput(
  { volumeType, throughput }: VolumeShape,
  rule: VolumeTypeRules['throughput'],
  iops: number | null,
): number | null {
  if (rule === undefined) {
    if (throughput === undefined) return null;
    throw invalidCombination(`The parameter throughput is not supported for ${volumeType} volumes.`);
  }
  const wanted = throughput ?? rule.whenAbsent;
  checkBounds('throughput', wanted, rule);
  const ratio = wanted / (iops ?? 1);
  if (ratio > rule.perIops) {
    throw invalidCombination(
      `Throughput (MiBps) to iops ratio of ${ratio.toFixed(6)} is too high; maximum is ${rule.perIops} MiBps per iops.`,
    );
  }
  return wanted;
}

function checkBounds(what: 'iops' | 'throughput', wanted: number, { min, max }: Range): void {
  if (!Number.isInteger(wanted) || wanted < min) {
    throw invalidParameterValue(`Volume ${what} of ${wanted} is too low; minimum is ${min}.`);
  }
  if (wanted > max) {
    throw invalidParameterValue(`Volume ${what} of ${wanted} is too high; maximum is ${max}.`);
  }
}
