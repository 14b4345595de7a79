/** What an image costs that is being made, by what is known of it now. */
import type { Run } from '../../platform/workflows/workflow.ts';
import { bytesPerGiB, creationCost } from '../costs/image-cost.ts';
import type { Factory } from '../factory.ts';
import type { Creation } from './creation.ts';
import type { CreationInput, CreationResults } from './creation-input.ts';

export interface CreationCosts {
  /** US dollars a month, in all regions that have it. */
  readonly storagePerMonth: number;
  /** US dollars, once: the proof's machine and what is sent to other regions. */
  readonly creation: number;
  /** By region: of the copy into it. */
  readonly copies: Readonly<Record<string, number>>;
  /** False where it is what AWS would ask, and nobody does. */
  readonly billed: boolean;
}

export async function creationCosts(
  factory: Pick<Factory, 'prices' | 'workflows' | 'now'>,
  creation: Creation,
): Promise<CreationCosts> {
  const { region, regionResults, target } = creation;
  const prices = await factory.prices.of(target);
  const run = await factory.workflows.find(creation.id);
  const bytes = creation.storedBytes ?? volumesGiB(run) * bytesPerGiB;
  const regions = Object.values(regionResults).filter(({ status }) => status !== 'failed');
  const copiedTo = regions.map((each) => each.region).filter((each) => each !== region);
  const copies = Object.fromEntries(
    copiedTo.map((to) => [to, creationCost(prices, { region, bytes, copiedTo: [to], machines: [] })]),
  );
  const machines = proofMachines(run, region, factory.now());
  return {
    storagePerMonth: regions.reduce(
      (sum, each) => sum + (bytes / bytesPerGiB) * prices.storagePerGiBMonth(each.region),
      0,
    ),
    creation: creationCost(prices, { region, bytes, copiedTo, machines }),
    copies,
    billed: prices.billed,
  };
}

function volumesGiB(run: Run | undefined): number {
  return (run?.input as CreationInput | undefined)?.instance.volumesGiB ?? 0;
}

function proofMachines(run: Run | undefined, region: string, now: Date) {
  const step = run?.steps.find(({ name }) => name === 'proof machine');
  const machine = step?.result as CreationResults['proof machine'] | undefined;
  if (machine === undefined) return [];
  const removed = run?.steps.find(
    ({ name, state }) => name === 'proof machine removed' && state !== 'running',
  );
  const endedAt = removed === undefined ? now.getTime() : Date.parse(removed.startedAt) + (removed.ms ?? 0);
  return [{ type: machine.instanceType, region, ms: Math.max(0, endedAt - Date.parse(machine.launchedAt)) }];
}
