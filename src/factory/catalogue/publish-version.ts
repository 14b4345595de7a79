/** Puts a version of the registry into a catalogue: its images in every region, and all that is known of them. */
import { join, resolve } from 'node:path';
import type { Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { readVersion } from '../registry/find-versions.ts';
import { type Places, parseReference, selectVersions } from '../registry/reference.ts';
import { isProven, type TemplateVersion } from '../registry/version.ts';
import type { Target } from '../targets/target.ts';
import type { Catalogue, Manifest } from './format.ts';
import { publishEntry } from './publish-entry.ts';
import { recordPublication } from './record-publication.ts';
import { signingKey } from './signing-key.ts';

export interface VersionToPublish extends Places {
  /** TEMPLATE, TEMPLATE@VERSION, TEMPLATE@CHANNEL or an image id. */
  readonly reference: string;
  /** Absolute. */
  readonly folder: string;
  /** Of a catalogue that is made. */
  readonly name: string;
  readonly description: string;
  /** What the image's own tag says unless told. */
  readonly sshUser?: string | undefined;
}

export interface Published {
  readonly catalogue: Catalogue;
  readonly entries: readonly Pick<Manifest, 'template' | 'version' | 'architecture' | 'images'>[];
  /** Images that others may see and not launch: they are not public. */
  readonly closed: readonly string[];
}

/** One entry an architecture. An unproven or revoked version is refused. */
export async function publishVersion(factory: Factory, request: VersionToPublish): Promise<Published> {
  const found = await selectVersions(factory.db.read, parseReference(request.reference), request);
  const versions = await Promise.all(
    found.map(({ target, imageId }) => readVersion(factory.db.read, target, imageId)),
  );
  for (const version of versions) refuse(version);
  const target = await factory.targets.get(request.target);
  const ownerId = await target.accountId();
  const images = await describeImages(target, versions);
  const key = await signingKey(join(factory.directories.secrets, 'catalogue.pem'));
  const entries: Published['entries'][number][] = [];
  let catalogue: Catalogue | undefined;
  for (const group of Map.groupBy(versions, ({ architecture }) => architecture).values()) {
    const [first] = group as [TemplateVersion];
    const { template, version, architecture, sizeGiB, summary } = first;
    const manifest = {
      ...{
        template,
        version,
        architecture,
        sizeGiB,
        name: template,
        sshUser: request.sshUser ?? sshUserOf(images, first),
      },
      description: summary?.description ?? '',
      ports: [...(summary?.ports ?? [])],
      images: group.map(({ region, imageId }) => ({ region, imageId, ownerId })),
    };
    const { folder, name, description } = request;
    const publication = { folder, name, description, key, now: factory.now() };
    // First: an image that is published and not written down could be retired under those who follow the catalogue.
    await recordPublication(factory, resolve(folder), manifest, target.name);
    catalogue = await publishEntry(publication, { manifest, files: filesOf(first) });
    entries.push(manifest);
  }
  if (catalogue === undefined) throw new FactoryError('not-found', `${request.reference} names no version`);
  return { catalogue, entries, closed: closedImages(images, versions) };
}

function refuse(version: TemplateVersion): void {
  const { template, version: name, imageId, revoked } = version;
  if (revoked !== undefined) {
    throw new FactoryError('conflict', `${template}@${name} (${imageId}) is revoked: ${revoked.reason}`);
  }
  if (!isProven(version)) {
    throw new FactoryError(
      'conflict',
      `${template}@${name} (${imageId}) has no proof; only proven images go out`,
    );
  }
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

type Described = ReadonlyMap<string, Image>;

async function describeImages(target: Target, versions: readonly TemplateVersion[]): Promise<Described> {
  const described = new Map<string, Image>();
  for (const { region, imageId } of versions) {
    const client = await target.client(region);
    const { Images: [image] = [] } = await client.describeImages({ ImageIds: [imageId] });
    if (image === undefined) {
      throw new FactoryError('not-found', `${imageId} is not in ${region} of ${target.name} any more`);
    }
    described.set(imageId, image);
  }
  return described;
}

function sshUserOf(images: Described, { imageId }: TemplateVersion): string {
  return tagsOf(images.get(imageId) ?? {})[tagKeys.sshUser] ?? 'admin';
}

function closedImages(images: Described, versions: readonly TemplateVersion[]): readonly string[] {
  return versions
    .filter(({ imageId }) => !images.get(imageId)?.Public)
    .map(({ imageId, region }) => `${imageId} (${region})`);
}
