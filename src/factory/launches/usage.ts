/** What templates are used for: how often each was launched, when last, and what runs now. */
import type { Factory } from '../factory.ts';
import { findVersions } from '../registry/find-versions.ts';
import { type MachineOnImage, type MachinesFound, machinesOnImages } from '../registry/machines-on-images.ts';

export interface TemplateUsage {
  readonly template: string;
  readonly launches: number;
  /** ISO text. */
  readonly lastLaunchAt?: string;
  /** Those launched by other means too: whatever runs on one of the template's images. */
  readonly machines: readonly MachineOnImage[];
  readonly versions: readonly VersionUsage[];
}

export interface VersionUsage {
  readonly version: string;
  readonly launches: number;
  readonly lastLaunchAt: string;
}

export interface Usage extends Pick<MachinesFound, 'unanswered'> {
  /** By slug. */
  readonly templates: readonly TemplateUsage[];
}

export async function templateUsage(
  { db, targets }: Pick<Factory, 'db' | 'targets'>,
  asked: { readonly target: string; readonly template?: string | undefined },
): Promise<Usage> {
  const { target, template } = asked;
  const named = template === undefined ? {} : { template };
  const [versions, images, counts] = await Promise.all([
    findVersions(db.read, { target, template }),
    db.read
      .selectFrom('launches')
      .select(['template', 'target', 'region', 'image_id as imageId'])
      .distinct()
      .where((where) => where.and({ target, ...named }))
      .where('template', 'is not', null)
      .execute(),
    db.read
      .selectFrom('launches')
      .select((select) => [
        'template',
        'version',
        select.fn.countAll<number>().as('launches'),
        select.fn.max('launched_at').as('last'),
      ])
      .where((where) => where.and({ target, ...named }))
      .where('template', 'is not', null)
      .groupBy(['template', 'version'])
      .execute(),
  ]);
  const places = [...versions, ...images].map((each) => ({ ...each, template: each.template ?? '' }));
  const { machines, unanswered } = await machinesOnImages(targets, unique(places));
  const slugs = [...new Set(places.map((each) => each.template))].sort();
  const usages = slugs.map((slug): TemplateUsage => {
    const ids = new Set(places.filter((each) => each.template === slug).map(({ imageId }) => imageId));
    const rows = counts
      .filter((row) => row.template === slug)
      .toSorted((a, b) => b.last.localeCompare(a.last));
    const [newest] = rows;
    return {
      template: slug,
      launches: rows.reduce((sum, row) => sum + row.launches, 0),
      ...(newest === undefined ? {} : { lastLaunchAt: newest.last }),
      machines: machines.filter(({ imageId }) => ids.has(imageId)),
      versions: rows.map((row) => ({
        version: row.version ?? '',
        launches: row.launches,
        lastLaunchAt: row.last,
      })),
    };
  });
  return { templates: usages, unanswered };
}

function unique<T extends { readonly target: string; readonly region: string; readonly imageId: string }>(
  places: readonly T[],
): readonly T[] {
  return [...new Map(places.map((each) => [`${each.region} ${each.imageId}`, each])).values()];
}
