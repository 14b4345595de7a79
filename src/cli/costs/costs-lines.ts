/** What images cost, for people. */
import { dollars } from '../../platform/dollars.ts';
import { type Column, duration } from '../output.ts';

export interface PricesUsed {
  readonly source: string;
  readonly billed: boolean;
}

export interface ImageCost {
  readonly ami_id: string;
  readonly name: string;
  readonly region: string;
  readonly template: string | null;
  readonly version: string | null;
  readonly project: string | null;
  readonly stored_gb: number;
  readonly counted: keyof typeof countedWords;
  readonly storage_per_month: number;
}

export interface CostSum {
  readonly name: string;
  readonly images: number;
  readonly stored_gb: number;
  readonly storage_per_month: number;
}

export interface Comparison {
  readonly template: string;
  readonly reason: string | null;
  readonly version: string | null;
  readonly set_up_seconds: number | null;
  readonly image_launch_seconds: number | null;
  readonly instance_type: string | null;
  readonly set_up_cost_per_launch: number | null;
  readonly storage_per_month: number | null;
  readonly build_cost: number | null;
  readonly launches: number | null;
  readonly break_even_launches_per_month: number | null;
  readonly launches_to_repay_build: number | null;
  readonly saved_per_month: number | null;
  readonly saved_hours_per_month: number | null;
}

const countedWords = {
  'unique-blocks': 'own blocks',
  blocks: 'all blocks',
  'full-size': 'whole disk',
} as const;

export function pricesLine({ source, billed }: PricesUsed): string {
  const bill = billed
    ? ''
    : '. Nobody bills you: it is what AWS would ask; prices.yaml in the home sets your own';
  return `Prices: ${source}${bill}`;
}

export const imageColumns: readonly Column<ImageCost>[] = [
  { title: 'AMI', value: ({ ami_id }) => ami_id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'REGION', value: ({ region }) => region },
  { title: 'TEMPLATE', value: ({ template }) => template ?? '' },
  { title: 'VERSION', value: ({ version }) => version ?? '' },
  { title: 'PROJECT', value: ({ project }) => project ?? '' },
  { title: 'GIB', value: ({ stored_gb }) => stored_gb.toFixed(2) },
  { title: 'COUNTED', value: ({ counted }) => countedWords[counted] },
  { title: 'A MONTH', value: ({ storage_per_month }) => dollars(storage_per_month) },
];

export function sumColumns(title: string): readonly Column<CostSum>[] {
  return [
    { title, value: ({ name }) => name },
    { title: 'IMAGES', value: ({ images }) => String(images) },
    { title: 'GIB', value: ({ stored_gb }) => stored_gb.toFixed(2) },
    { title: 'A MONTH', value: ({ storage_per_month }) => dollars(storage_per_month) },
  ];
}

/** Whether an image pays, in sentences. */
export function comparisonLines(comparison: Comparison): readonly string[] {
  const { template, reason, version } = comparison;
  if (reason !== null) return [`${template}: ${reason}`];
  const launches = comparison.launches ?? 0;
  const setUp = duration((comparison.set_up_seconds ?? 0) * 1000);
  const launch =
    comparison.image_launch_seconds === null
      ? ''
      : `; a launch of the image takes ${duration(comparison.image_launch_seconds * 1000)} to a shell`;
  return [
    `${template} ${version}: its image costs ${dollars(comparison.storage_per_month ?? 0)} a month, and ${dollars(comparison.build_cost ?? 0)} once to build`,
    `  setting up takes ${setUp} more at each launch, ${dollars(comparison.set_up_cost_per_launch ?? 0)} on a ${comparison.instance_type}${launch}`,
    `  ${verdict(comparison, launches)}`,
  ];
}

function verdict(comparison: Comparison, launches: number): string {
  const from = comparison.break_even_launches_per_month;
  if (from === null) return 'its steps take no time: the image saves no money';
  const cheaper = `the image is cheaper from ${times(from)} a month on; in the last 30 days there were ${launches}`;
  const saved = comparison.saved_per_month ?? 0;
  const waited = duration((comparison.saved_hours_per_month ?? 0) * 3_600_000);
  if (launches === 0) return cheaper;
  if (saved < 0) return `${cheaper}: ${dollars(-saved)} more than setting up, and ${waited} not waited`;
  const repaid = comparison.launches_to_repay_build;
  const build = repaid === null ? '' : `; its build is repaid after ${times(repaid)}`;
  return `${cheaper}: ${dollars(saved)} saved, and ${waited} not waited${build}`;
}

function times(count: number): string {
  return count === 1 ? '1 launch' : `${count.toLocaleString('en-US')} launches`;
}
