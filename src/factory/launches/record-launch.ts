import type { Factory } from '../factory.ts';
import type { LaunchChoice } from './launch-answer.ts';

export interface NewLaunch {
  readonly target: string;
  readonly region: string;
  readonly instanceId: string;
  readonly instanceType: string;
  /** The machine's. */
  readonly name: string;
  readonly choice: Pick<LaunchChoice, 'imageId' | 'template' | 'version' | 'way'>;
  /** Who launched: 'launch', 'deployment dep-…'. */
  readonly by: string;
}

/** For the usage of templates. Can be repeated. */
export async function recordLaunch(
  { db, now }: Pick<Factory, 'db' | 'now'>,
  { target, region, instanceId, instanceType, name, choice, by }: NewLaunch,
): Promise<void> {
  const { imageId, template = null, version = null, way } = choice;
  const row = {
    ...{ target, region, instance_id: instanceId, image_id: imageId, template, version, way },
    ...{ instance_type: instanceType, name, launched_at: now().toISOString(), by },
  };
  await db.write((tx) =>
    tx
      .insertInto('launches')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}
