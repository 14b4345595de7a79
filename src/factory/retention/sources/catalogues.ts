import type { Factory } from '../../factory.ts';
import type { ReferenceSource } from '../references.ts';

/** Those who follow a catalogue launch what its entries name. */
export function cataloguesOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async ({ target, region }, imageIds) => {
    const rows = await db.read
      .selectFrom('publications')
      .select(['image_id', 'folder', 'template', 'version'])
      .where('target', '=', target.name)
      .where('region', '=', region)
      .execute();
    const wanted = new Set(imageIds);
    return rows
      .filter((row) => wanted.has(row.image_id))
      .map(({ image_id, folder, template, version }) => ({
        imageId: image_id,
        kind: 'catalogue',
        because: `the catalogue ${folder} offers it as ${template} ${version}`,
      }));
  };
}
