import type { Factory } from '../factory.ts';
import type { Manifest } from './format.ts';

/** Which images a catalogue leads to. An entry that is published again leads to its new ones alone. */
export async function recordPublication(
  { db }: Pick<Factory, 'db'>,
  folder: string,
  entry: Pick<Manifest, 'template' | 'version' | 'architecture' | 'images'>,
  target: string,
): Promise<void> {
  const { template, version, architecture, images } = entry;
  const name = { folder, template, version, architecture };
  await db.write(async (tx) => {
    await tx
      .deleteFrom('publications')
      .where((where) => where.and(name))
      .execute();
    for (const { region, imageId } of images) {
      await tx
        .insertInto('publications')
        .values({ ...name, target, region, image_id: imageId })
        .onConflict((conflict) =>
          conflict.columns(['folder', 'target', 'region', 'image_id']).doUpdateSet(name),
        )
        .execute();
    }
  });
}
