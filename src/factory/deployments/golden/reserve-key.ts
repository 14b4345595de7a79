/** One row a key, taken before any work starts and given back when none comes of it: who has it makes the image. */
import type { Factory } from '../../factory.ts';
import type { GoldenImageTable } from '../table.ts';

export type Reservation = Pick<
  GoldenImageTable,
  'key' | 'target' | 'region' | 'app' | 'version' | 'mode' | 'architecture'
>;

export type Reserved =
  /** `regions`: those of the other keys that were free, for copies. */
  | { readonly outcome: 'taken'; readonly regions: readonly string[] }
  | { readonly outcome: 'completed'; readonly imageId: string }
  | { readonly outcome: 'elsewhere'; readonly deploymentId: string };

/** Can be repeated: what this deployment has it keeps. */
export async function reserveKey(
  { db }: Pick<Factory, 'db'>,
  deploymentId: string,
  own: Reservation,
  others: readonly Reservation[],
  at: string,
): Promise<Reserved> {
  return await db.write(async (tx) => {
    const take = async (reservation: Reservation) => {
      await tx
        .insertInto('golden_images')
        .values({
          ...reservation,
          state: 'reserved',
          deployment_id: deploymentId,
          image_id: null,
          created_at: at,
        })
        .onConflict((c) => c.column('key').doNothing())
        .execute();
      return await tx
        .selectFrom('golden_images')
        .select(['state', 'deployment_id', 'image_id'])
        .where('key', '=', reservation.key)
        .executeTakeFirstOrThrow();
    };
    const row = await take(own);
    if (row.state === 'completed') return { outcome: 'completed', imageId: row.image_id ?? '' };
    if (row.deployment_id !== deploymentId) return { outcome: 'elsewhere', deploymentId: row.deployment_id };
    const regions: string[] = [];
    for (const other of others) {
      const { state, deployment_id } = await take(other);
      if (state === 'reserved' && deployment_id === deploymentId) regions.push(other.region);
    }
    return { outcome: 'taken', regions };
  });
}

/** True while some deployment makes the image. */
export async function isReserved({ db }: Pick<Factory, 'db'>, key: string): Promise<boolean> {
  const row = await db.read
    .selectFrom('golden_images')
    .select('state')
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.state === 'reserved';
}

/** Of a deployment whose image didn't come to be: whoever waits takes it over. */
export async function giveKeysBack({ db }: Pick<Factory, 'db'>, deploymentId: string): Promise<void> {
  await db.write((tx) =>
    tx
      .deleteFrom('golden_images')
      .where('deployment_id', '=', deploymentId)
      .where('state', '=', 'reserved')
      .execute(),
  );
}

/** By region. Keys of regions that got no image are given back. */
export async function completeKeys(
  { db }: Pick<Factory, 'db'>,
  deploymentId: string,
  images: readonly { readonly region: string; readonly imageId: string }[],
): Promise<void> {
  await db.write(async (tx) => {
    for (const { region, imageId } of images) {
      await tx
        .updateTable('golden_images')
        .set({ state: 'completed', image_id: imageId })
        .where('deployment_id', '=', deploymentId)
        .where('region', '=', region)
        .where('state', '=', 'reserved')
        .execute();
    }
    await tx
      .deleteFrom('golden_images')
      .where('deployment_id', '=', deploymentId)
      .where('state', '=', 'reserved')
      .execute();
  });
}
