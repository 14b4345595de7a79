import { inBatches } from '../../aws/in-batches.ts';
import { findLayers } from '../../cache/layers.ts';
import type { Factory } from '../../factory.ts';
import type { Reference, ReferenceSource } from '../references.ts';
import { baseImageId } from './builds.ts';

/** A cached step counts for its base alone: without the base every build begins anew. */
export function stepCacheOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async ({ target, region }, imageIds) => {
    const layers = await findLayers(await target.client(region), { region });
    const templates = new Map(layers.map(({ buildId, template }) => [buildId, template]));
    const wanted = new Set(imageIds);
    const found = new Map<string, Reference>();
    for (const batch of inBatches([...templates.keys()])) {
      const rows = await db.read
        .selectFrom('workflow_steps')
        .select(['run_id', 'result'])
        .where('name', '=', 'base')
        .where('run_id', 'in', batch)
        .execute();
      for (const { run_id, result } of rows) {
        const imageId = baseImageId(result);
        if (imageId === undefined || !wanted.has(imageId)) continue;
        const because = `the cached steps of ${templates.get(run_id)} start from it`;
        found.set(`${imageId} ${because}`, { imageId, kind: 'step-cache', because });
      }
    }
    return [...found.values()];
  };
}
