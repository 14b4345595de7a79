/**
 * Where an image comes from: version by version as their provenance says, and from the first image that no build of
 * ours made, as EC2 knows it.
 */
import type { Factory } from '../factory.ts';
import { findImageVersion } from './find-versions.ts';
import type { VersionEntry } from './version-row.ts';

export interface Ancestor {
  readonly imageId: string;
  readonly region: string;
  /** Who says so: the registry's provenance, or EC2's GetImageAncestry. */
  readonly known: 'provenance' | 'ec2';
  readonly version?: VersionEntry;
  /** The base's name, where provenance tells it. */
  readonly name?: string;
  readonly createdAt?: string;
}

export interface Ancestry {
  /** The image itself first. */
  readonly images: readonly Ancestor[];
  /** Why EC2 could not say more. */
  readonly unanswered?: string;
}

type Context = Pick<Factory, 'db' | 'targets'>;

export async function ancestryOf(context: Context, version: VersionEntry): Promise<Ancestry> {
  const images = await byProvenance(context, version);
  const oldest = images.at(-1);
  if (oldest === undefined) return { images };
  try {
    return { images: [...images, ...(await byEc2(context, version.target, oldest))] };
  } catch (error) {
    const { name, message } = error as Error;
    return { images, unanswered: `${name}: ${message}` };
  }
}

async function byProvenance({ db }: Context, version: VersionEntry): Promise<readonly Ancestor[]> {
  const { target, region } = version;
  const images: Ancestor[] = [];
  for (let imageId: string | undefined = version.imageId, name: string | undefined; imageId !== undefined; ) {
    const found = await findImageVersion(db.read, target, imageId);
    images.push({
      imageId,
      region: found?.region ?? region,
      known: 'provenance',
      ...(found === undefined ? {} : { version: found, createdAt: found.createdAt }),
      ...(name === undefined ? {} : { name }),
    });
    const parent = await db.read
      .selectFrom('versions')
      .select(['base_image_id', 'parent_image_id', 'provenance'])
      .where('target', '=', target)
      .where('image_id', '=', imageId)
      .executeTakeFirst();
    const next: string | undefined = parent?.parent_image_id ?? parent?.base_image_id ?? undefined;
    name = parent?.parent_image_id == null ? baseName(parent?.provenance) : undefined;
    // An imported registry may say anything; a circle in it must not hold us.
    imageId = images.some((known) => known.imageId === next) ? undefined : next;
  }
  return images;
}

function baseName(provenance: string | null | undefined): string | undefined {
  return provenance == null ? undefined : (JSON.parse(provenance) as { baseName?: string }).baseName;
}

async function byEc2({ targets }: Context, target: string, from: Ancestor): Promise<readonly Ancestor[]> {
  const { GetImageAncestryCommand } = await import('@aws-sdk/client-ec2');
  const client = await (await targets.get(target)).client(from.region);
  const answer = await client.send(new GetImageAncestryCommand({ ImageId: from.imageId }));
  const entries = answer.ImageAncestryEntries ?? [];
  // Each entry names its source's region; the first entry is the image itself.
  return entries.slice(1).map((entry, at) => ({
    imageId: entry.ImageId ?? '',
    region: entries[at]?.SourceImageRegion ?? from.region,
    known: 'ec2',
    ...(entry.CreationDate === undefined ? {} : { createdAt: entry.CreationDate.toISOString() }),
  }));
}
