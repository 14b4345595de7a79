/**
 * The sizes offered, by EC2's names with EC2's processors and memory. A processor here is a thread of this
 * host; no type promises more than it gives.
 */
import type { Architecture } from '../../platform/ids.ts';

export interface InstanceType {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly architecture: Architecture;
  readonly burstable: boolean;
}

const sizes = [
  ['nano', 2, 512],
  ['micro', 2, 1024],
  ['small', 2, 2048],
  ['medium', 2, 4096],
  ['large', 2, 8192],
  ['xlarge', 4, 16_384],
  ['2xlarge', 8, 32_768],
] as const;

const generalSizes = [
  ['medium', 1, 4096],
  ['large', 2, 8192],
  ['xlarge', 4, 16_384],
  ['2xlarge', 8, 32_768],
  ['4xlarge', 16, 65_536],
] as const;

const computeSizes = [
  ['medium', 1, 2048],
  ['large', 2, 4096],
  ['xlarge', 4, 8192],
  ['2xlarge', 8, 16_384],
  ['4xlarge', 16, 32_768],
] as const;

function family(
  name: string,
  architecture: Architecture,
  members: readonly (readonly [string, number, number])[],
  burstable: boolean,
): InstanceType[] {
  return members.map(([size, cpus, memoryMiB]) => ({
    name: `${name}.${size}`,
    cpus,
    memoryMiB,
    architecture,
    burstable,
  }));
}

export const instanceTypes: readonly InstanceType[] = [
  { name: 't2.nano', cpus: 1, memoryMiB: 512, architecture: 'x86_64', burstable: true },
  { name: 't2.micro', cpus: 1, memoryMiB: 1024, architecture: 'x86_64', burstable: true },
  { name: 't2.small', cpus: 1, memoryMiB: 2048, architecture: 'x86_64', burstable: true },
  { name: 't2.medium', cpus: 2, memoryMiB: 4096, architecture: 'x86_64', burstable: true },
  { name: 't2.large', cpus: 2, memoryMiB: 8192, architecture: 'x86_64', burstable: true },
  ...family('t3', 'x86_64', sizes, true),
  ...family('t3a', 'x86_64', sizes, true),
  ...family('t4g', 'arm64', sizes, true),
  ...family('m5', 'x86_64', generalSizes.slice(1), false),
  ...family('m6g', 'arm64', generalSizes, false),
  ...family('c5', 'x86_64', computeSizes.slice(1), false),
  ...family('c6g', 'arm64', computeSizes, false),
];

const byName = new Map(instanceTypes.map((type) => [type.name, type]));

export function findInstanceType(name: string): InstanceType | undefined {
  return byName.get(name);
}
