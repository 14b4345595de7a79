/** What goes into a catalogue: versions of the registry, or any image of one's own under a name that is given to it. */
import type { Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { builtImage } from '../builds/steps/create-image.ts';
import { FactoryError } from '../factory-error.ts';
import { findLaunchImage } from '../launches/find-launch-image.ts';
import { chosen } from '../launches/resolve-launch.ts';
import type { LaunchParts } from '../launches/ways/asker.ts';
import { imageById } from '../launches/ways/by-id.ts';
import { readVersion } from '../registry/find-versions.ts';
import { type Places, parseReference, selectVersions } from '../registry/reference.ts';
import { isProven, type TemplateVersion } from '../registry/version.ts';

export interface VersionToPublish extends Places {
  /** TEMPLATE, TEMPLATE@VERSION, TEMPLATE@CHANNEL, an image id or an own image's name. */
  readonly reference: string;
  /** TEMPLATE@VERSION: what an image is called in the catalogue that is no version here. */
  readonly as?: string | undefined;
  /** Also what nobody checked; the entry says so. */
  readonly unproven?: boolean | undefined;
  /** Absolute. */
  readonly folder: string;
  /** Of a catalogue that is made. */
  readonly name: string;
  readonly description: string;
  /** What the image's own tag says unless told. */
  readonly sshUser?: string | undefined;
}

export interface PublishedVersion extends TemplateVersion {
  readonly image: Image;
}

/** Never empty. Refuses what is revoked, and what is unproven unless that is wanted. */
export async function versionsToPublish(
  factory: LaunchParts,
  request: VersionToPublish,
): Promise<readonly PublishedVersion[]> {
  const versions =
    request.as === undefined
      ? await registered(factory, request)
      : [await named(factory, request, request.as)];
  for (const version of versions) refuse(version, request);
  const target = await factory.targets.get(request.target);
  return await Promise.all(
    versions.map(async (version) => {
      const image = await imageById(await target.client(version.region), version.imageId);
      if (image !== undefined) return { ...version, image };
      throw new FactoryError(
        'not-found',
        `${version.imageId} is not in ${version.region} of ${target.name} any more`,
      );
    }),
  );
}

async function registered(
  factory: LaunchParts,
  request: VersionToPublish,
): Promise<readonly TemplateVersion[]> {
  const { read } = factory.db;
  const found = await selectVersions(read, parseReference(request.reference), request).catch(
    (error: unknown) => {
      if (!(error instanceof FactoryError) || error.kind !== 'not-found') throw error;
      const way = '--as TEMPLATE@VERSION publishes an image that is no version';
      throw new FactoryError('not-found', `${error.message}. ${way}`);
    },
  );
  return await Promise.all(found.map(({ target, imageId }) => readVersion(read, target, imageId)));
}

async function named(factory: LaunchParts, request: VersionToPublish, as: string): Promise<TemplateVersion> {
  const [, template, version] = /^([^@/]+)@([^@/]+)$/.exec(as) ?? [];
  if (template === undefined || version === undefined) {
    throw new FactoryError('invalid', `'${as}' is no TEMPLATE@VERSION, such as web@v1`);
  }
  const target = await factory.targets.get(request.target);
  const region = request.region ?? target.regions[0] ?? '';
  const question = {
    name: request.reference,
    target: target.name,
    region,
    architecture: request.architecture,
  };
  const choice = chosen(await findLaunchImage(factory, question), question);
  const known = choice.version === undefined ? undefined : `${choice.template}@${choice.version}`;
  if (known !== undefined && known !== as) {
    throw new FactoryError('conflict', `${choice.imageId} is ${known} already: publish it as that`);
  }
  const image = await imageById(await target.client(choice.region), choice.imageId);
  if (image?.OwnerId !== (await target.accountId())) {
    throw new FactoryError(
      'conflict',
      `${choice.imageId} belongs to ${image?.OwnerId}: only own images are published`,
    );
  }
  return {
    ...{ template, version, target: target.name, region: choice.region, ...builtImage(image) },
    architecture: choice.architecture satisfies Architecture,
    createdAt: image.CreationDate ?? factory.now().toISOString(),
    validated: false,
    origin: 'imported',
    summary: { description: image.Description ?? '', ports: [22], estimatedCostPerHour: {} },
  };
}

function refuse(version: TemplateVersion, { unproven = false }: VersionToPublish): void {
  const { template, version: name, imageId, revoked } = version;
  const shown = `${template}@${name} (${imageId})`;
  if (revoked !== undefined) throw new FactoryError('conflict', `${shown} is revoked: ${revoked.reason}`);
  if (isProven(version) || unproven) return;
  throw new FactoryError(
    'conflict',
    `${shown} has no proof: nobody launched and checked it. ingot ami test does; --unproven publishes it as it is`,
  );
}
