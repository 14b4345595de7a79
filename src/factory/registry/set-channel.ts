/** Where channels point, and the record of every move. */
import type { Kysely, Selectable } from 'kysely';
import type { Transaction } from '../../platform/database/database.ts';
import type { Architecture } from '../../platform/ids.ts';
import type { ChannelAction, ChannelMove, ChannelName, ChannelPlace } from './channel.ts';
import type { ChannelMoveTable, RegistryTables } from './table.ts';

type Reader = Pick<Kysely<RegistryTables>, 'selectFrom'>;

export interface NewMove {
  readonly action: ChannelAction;
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly forced?: boolean;
}

/** Points the channel to the image, or ends it, and records it. Undefined where it pointed there already. */
export async function setChannel(
  tx: Transaction<RegistryTables>,
  name: ChannelName,
  imageId: string | undefined,
  { action, at, by, why, forced = false }: NewMove,
): Promise<ChannelMove | undefined> {
  const { target, template, region, architecture, channel } = name;
  const key = { target, template, region, architecture, channel };
  const before = await channelImage(tx, key);
  if (before === imageId) return undefined;
  if (imageId === undefined) {
    await tx
      .deleteFrom('channels')
      .where((where) => where.and(key))
      .execute();
  } else {
    await tx
      .insertInto('channels')
      .values({ ...key, image_id: imageId })
      .onConflict((conflict) =>
        conflict
          .columns(['target', 'template', 'region', 'architecture', 'channel'])
          .doUpdateSet({ image_id: imageId }),
      )
      .execute();
  }
  const row = {
    ...key,
    action,
    from_image_id: before ?? null,
    to_image_id: imageId ?? null,
    at,
    by,
    why,
    forced: forced ? 1 : 0,
  };
  await tx.insertInto('channel_moves').values(row).execute();
  return toMove(row);
}

export async function channelImage(db: Reader, name: ChannelName): Promise<string | undefined> {
  const { target, template, region, architecture, channel } = name;
  const row = await db
    .selectFrom('channels')
    .select('image_id')
    .where((where) => where.and({ target, template, region, architecture, channel }))
    .executeTakeFirst();
  return row?.image_id;
}

export interface ChannelFilter {
  readonly target?: string | undefined;
  readonly template?: string | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly channel?: string | undefined;
  /** Only channels that point to this image. */
  readonly imageId?: string | undefined;
}

export interface ChannelEntry extends ChannelName {
  readonly imageId: string;
}

export async function listChannels(db: Reader, filter: ChannelFilter): Promise<readonly ChannelEntry[]> {
  const rows = await db
    .selectFrom('channels')
    .selectAll()
    .where((where) =>
      where.and({
        ...given(filter),
        ...(filter.imageId === undefined ? {} : { image_id: filter.imageId }),
      }),
    )
    .orderBy('template')
    .orderBy('channel')
    .orderBy('target')
    .orderBy('region')
    .orderBy('architecture')
    .execute();
  return rows.map(({ image_id, ...name }) => ({ ...name, imageId: image_id }));
}

/** First to last. */
export async function channelMoves(
  db: Reader,
  filter: Omit<ChannelFilter, 'imageId'>,
): Promise<readonly ChannelMove[]> {
  const rows = await db
    .selectFrom('channel_moves')
    .selectAll()
    .where((where) => where.and(given(filter)))
    .orderBy('sequence')
    .execute();
  return rows.map(toMove);
}

function given({ target, template, region, architecture, channel }: ChannelFilter) {
  return {
    ...(target === undefined ? {} : { target }),
    ...(template === undefined ? {} : { template }),
    ...(region === undefined ? {} : { region }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(channel === undefined ? {} : { channel }),
  };
}

function toMove(row: Omit<Selectable<ChannelMoveTable>, 'sequence'>): ChannelMove {
  return {
    target: row.target,
    template: row.template,
    region: row.region,
    architecture: row.architecture,
    channel: row.channel,
    action: row.action,
    ...(row.from_image_id === null ? {} : { fromImageId: row.from_image_id }),
    ...(row.to_image_id === null ? {} : { toImageId: row.to_image_id }),
    at: row.at,
    by: row.by,
    why: row.why,
    forced: row.forced === 1,
  };
}

export function placeOf({ target, template, region, architecture }: ChannelPlace): ChannelPlace {
  return { target, template, region, architecture };
}

/** `us-east-1/x86_64`, as messages name a place. */
export function placeName({ region, architecture }: Pick<ChannelPlace, 'region' | 'architecture'>): string {
  return `${region}/${architecture}`;
}
