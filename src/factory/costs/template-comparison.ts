/** For a template: its image, or its steps at each launch. From its last builds and what was launched of it. */
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { pastTimes } from '../plan/past-times.ts';
import { readVersion } from '../registry/find-versions.ts';
import { type BreakEven, breakEven } from './break-even.ts';
import { creationCost } from './image-cost.ts';
import { type CostedImage, type Costs, sumOf } from './list-costs.ts';

export type TemplateComparison = { readonly template: string } & (
  | ({ readonly measured: true } & Comparison)
  | { readonly measured: false; readonly reason: string }
);

interface Comparison extends BreakEven {
  /** The newest that has an image; its images in all regions count. */
  readonly version: string;
  /** What the steps take. */
  readonly setUpMs: number;
  /** From the launch of the image to a shell on it, as its proof measured. */
  readonly imageLaunchMs?: number;
  /** Once: the build's machines and copies. */
  readonly buildCost: number;
  readonly storagePerMonth: number;
  readonly instanceType: string;
  readonly instancePerHour: number;
  /** In the last 30 days. */
  readonly launches: number;
}

const monthMs = 30 * 86_400_000;

export async function compareTemplate(
  factory: Pick<Factory, 'db' | 'targets' | 'workflows' | 'now'>,
  { prices, images }: Costs,
  place: { readonly target: string; readonly template: string },
): Promise<TemplateComparison> {
  const { target: name, template } = place;
  const unknown = (reason: string): TemplateComparison => ({ template, measured: false, reason });
  const own = images.filter((image) => image.template === template);
  const newest = own.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  if (newest === undefined) return unknown('it has no image here');
  const architecture = newest.architecture as Architecture;
  const past = await pastTimes(factory, { template: { slug: template }, target: name, architecture });
  if (past === undefined)
    return unknown('no build of it was measured here: what its set-up takes is unknown');
  const { builder } = await factory.targets.get(name);
  const instanceType = builder.instanceType[architecture];
  const instancePerHour = prices.instancePerHour(instanceType, past.last.region);
  if (instancePerHour === undefined) return unknown(`the price table has no ${instanceType}`);
  const setUpMs = [...past.steps.values()].reduce((sum, ms) => sum + ms, 0);
  const { storagePerMonth } = sumOf(own.filter(({ version }) => version === newest.version));
  const buildCost = creationCost(prices, {
    region: past.last.region,
    bytes: newest.storedBytes,
    copiedTo: past.last.copies.map(({ region }) => region),
    machines: [{ type: instanceType, region: past.last.region, ms: past.last.buildTimeMs }],
  });
  const launches = await launchesOf(factory, place);
  const proven = await provenMs(factory, newest);
  return {
    ...{ template, measured: true, version: newest.version ?? '', setUpMs, buildCost, storagePerMonth },
    ...{ instanceType, instancePerHour, launches },
    ...(proven === undefined ? {} : { imageLaunchMs: proven }),
    ...breakEven({ setUpMs, instancePerHour, storagePerMonth, buildCost, launches }),
  };
}

async function launchesOf(
  { db, now }: Pick<Factory, 'db' | 'now'>,
  { target, template }: { readonly target: string; readonly template: string },
): Promise<number> {
  const since = new Date(now().getTime() - monthMs).toISOString();
  const { launches } = await db.read
    .selectFrom('launches')
    .select((select) => select.fn.countAll<number>().as('launches'))
    .where('target', '=', target)
    .where('template', '=', template)
    .where('launched_at', '>=', since)
    .executeTakeFirstOrThrow();
  return launches;
}

async function provenMs({ db }: Pick<Factory, 'db'>, image: CostedImage): Promise<number | undefined> {
  const row = await db.read
    .selectFrom('versions')
    .select('image_id')
    .where('target', '=', image.target)
    .where('image_id', '=', image.imageId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return (await readVersion(db.read, image.target, image.imageId)).proof?.sshMs;
}
