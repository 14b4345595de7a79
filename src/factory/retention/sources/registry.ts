import type { Factory } from '../../factory.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** What a channel points to is what the next launch takes. */
export function channelsOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async ({ target, region }, imageIds) => {
    const rows = await db.read
      .selectFrom('channels')
      .select(['image_id', 'channel', 'template'])
      .where('target', '=', target.name)
      .where('region', '=', region)
      .execute();
    const wanted = new Set(imageIds);
    return rows
      .filter((row) => wanted.has(row.image_id))
      .map((row) => ({
        imageId: row.image_id,
        kind: 'channel',
        because: `channel ${row.channel} of ${row.template} points to it`,
      }));
  };
}

/** A version made from an image is explained by it: where it came from can be looked at for as long as it is used. */
export function childrenOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async ({ target }, imageIds) => {
    const rows = await db.read
      .selectFrom('versions')
      .select(['image_id', 'template', 'version', 'base_image_id', 'parent_image_id'])
      .where('target', '=', target.name)
      .execute();
    const parents = new Set(imageIds);
    return rows.flatMap((row) => {
      const of = [...new Set([row.base_image_id, row.parent_image_id])];
      const because = `${row.template} ${row.version} (${row.image_id}) is made from it`;
      return of.flatMap((imageId): Reference[] =>
        imageId !== null && imageId !== row.image_id && parents.has(imageId)
          ? [{ imageId, kind: 'child', because }]
          : [],
      );
    });
  };
}
