import type { Factory } from '../../factory.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** A deployment that is there was launched from an image, and one whose image is under way has it to be finished. */
export function deploymentsOf({ db }: Pick<Factory, 'db'>): ReferenceSource {
  return async ({ target, region }, imageIds) => {
    const rows = await db.read
      .selectFrom('deployments')
      .select(['id', 'job_name', 'ami_id', 'created_ami_id', 'ami_creation_status'])
      .where('target', '=', target.name)
      .where('region', '=', region)
      .where('status', 'in', ['deploying', 'ready', 'deleting'])
      // Of an imported record, the machine tells whether it is there.
      .where('template_digest', 'is not', null)
      .execute();
    const wanted = new Set(imageIds);
    return rows.flatMap(({ id, job_name, ami_id, created_ami_id, ami_creation_status }): Reference[] => {
      const isUnderWay = ami_creation_status === 'pending' || ami_creation_status === 'creating';
      const name = `deployment ${job_name} (${id})`;
      const needed = [
        { imageId: ami_id, because: `${name} was launched from it` },
        { imageId: isUnderWay ? created_ami_id : null, because: `${name} is making it` },
      ];
      return needed.flatMap(({ imageId, because }) =>
        imageId !== null && wanted.has(imageId) ? [{ imageId, kind: 'deployment', because }] : [],
      );
    });
  };
}
