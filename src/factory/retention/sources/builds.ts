import type { Factory } from '../../factory.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** A build that is under way, or held to be gone on with, has its base to start from. */
export function buildsOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async (_place, imageIds) => {
    const rows = await db.read
      .selectFrom('workflow_steps')
      .innerJoin('workflow_runs', 'workflow_runs.id', 'workflow_steps.run_id')
      .select(['workflow_runs.id', 'workflow_steps.result'])
      .where('workflow_steps.name', '=', 'base')
      .where('workflow_runs.state', 'in', ['running', 'ending', 'held'])
      .execute();
    const wanted = new Set(imageIds);
    return rows.flatMap(({ id, result }): Reference[] => {
      const imageId = baseImageId(result);
      if (imageId === undefined || !wanted.has(imageId)) return [];
      return [{ imageId, kind: 'build', because: `${id} starts from it` }];
    });
  };
}

/** Of a build's step `base`. */
export function baseImageId(result: string | null): string | undefined {
  return result === null ? undefined : (JSON.parse(result) as { readonly imageId?: string }).imageId;
}
