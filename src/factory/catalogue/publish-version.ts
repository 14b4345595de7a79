/** Puts versions into a catalogue: their images in every region, and all that is known of them. */
import { join, resolve } from 'node:path';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { FactoryError } from '../factory-error.ts';
import type { LaunchParts } from '../launches/ways/asker.ts';
import { isProven, type TemplateVersion } from '../registry/version.ts';
import type { Catalogue, CatalogueMachine, Manifest } from './format.ts';
import { type EntryToPublish, publishEntry } from './publish-entry.ts';
import { recordPublication } from './record-publication.ts';
import { signingKey } from './signing-key.ts';
import { type PublishedVersion, type VersionToPublish, versionsToPublish } from './versions-to-publish.ts';

export interface Published {
  readonly catalogue: Catalogue;
  readonly entries: readonly Pick<Manifest, 'template' | 'version' | 'architecture' | 'images' | 'machine'>[];
  /** Images that others may see and not launch: they are not public. */
  readonly closed: readonly string[];
}

/** By image: the disks that stand in its entry's folder. */
export type WrittenDisks = Readonly<
  Record<string, { readonly machine: CatalogueMachine; readonly files: Manifest['files'] }>
>;

/** One entry an architecture. */
export async function publishVersion(
  factory: LaunchParts,
  request: VersionToPublish,
  disks: WrittenDisks = {},
): Promise<Published> {
  const versions = await versionsToPublish(factory, request);
  const target = await factory.targets.get(request.target);
  const key = await signingKey(join(factory.directories.secrets, 'catalogue.pem'));
  const entries: Published['entries'][number][] = [];
  let catalogue: Catalogue | undefined;
  for (const group of byArchitecture(versions)) {
    const entry = entryOf(group, request, disks);
    const { folder, name, description } = request;
    const publication = { folder, name, description, key, now: factory.now() };
    // First: an image that is published and not written down could be retired under those who follow the catalogue.
    await recordPublication(factory, resolve(folder), entry.manifest, target.name);
    catalogue = await publishEntry(publication, entry);
    entries.push(entry.manifest);
  }
  if (catalogue === undefined) throw new FactoryError('not-found', `${request.reference} names no version`);
  return { catalogue, entries, closed: versions.filter(({ image }) => !image.Public).map(placeOf) };
}

/** Each group is an entry; its first is the one whose disks it has. */
export function byArchitecture(
  versions: readonly PublishedVersion[],
): readonly (readonly [PublishedVersion, ...PublishedVersion[]])[] {
  const groups = Map.groupBy(versions, ({ architecture }) => architecture);
  return [...groups.values()] as [PublishedVersion, ...PublishedVersion[]][];
}

function entryOf(
  group: readonly [PublishedVersion, ...PublishedVersion[]],
  request: VersionToPublish,
  disks: WrittenDisks,
): EntryToPublish {
  const [first] = group;
  const { template, version, architecture, sizeGiB, summary, image } = first;
  const written = disks[first.imageId];
  const manifest = {
    ...{ template, version, architecture, sizeGiB, name: template },
    sshUser: request.sshUser ?? tagsOf(image)[tagKeys.sshUser] ?? 'admin',
    description: summary?.description ?? '',
    ports: [...(summary?.ports ?? [])],
    proven: isProven(first),
    images: group.map(({ region, imageId, image: { OwnerId } }) => ({
      region,
      imageId,
      ownerId: OwnerId ?? '',
    })),
  };
  const files = filesOf(first);
  if (written === undefined) return { manifest, files };
  return { manifest: { ...manifest, machine: written.machine }, files, written: written.files };
}

function filesOf({ provenance, proof, packages }: TemplateVersion): Readonly<Record<string, string>> {
  const texts = {
    'template.yml': provenance?.templateSource,
    'provenance.json': asText(provenance),
    'proof.json': asText(proof),
    'packages.json': asText(packages),
  };
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function asText(value: unknown): string | undefined {
  return value === undefined ? undefined : `${JSON.stringify(value, undefined, 2)}\n`;
}

function placeOf({ imageId, region }: TemplateVersion): string {
  return `${imageId} (${region})`;
}
