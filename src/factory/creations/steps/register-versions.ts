import { readVersion } from '../../registry/find-versions.ts';
import { registerVersion } from '../../registry/record-version.ts';
import type { NewVersion, Provenance } from '../../registry/version.ts';
import type { CreationContext } from '../creation-input.ts';
import type { CreationParts } from '../parts.ts';
import { placesOf } from './share-with.ts';

/** A version in each region that has the image, all or none; `latest` moves with them. */
export async function registerVersions(parts: CreationParts, context: CreationContext): Promise<null> {
  const { input, runId } = context;
  const written = context.result('template');
  const provenance: Provenance = {
    templateDigest: written.digest,
    templateSource: written.source,
    ...(await originOf(parts, context)),
    steps: [],
    inputs: { instance: input.instance.id, 'instance name': input.instance.name },
    ingotVersion: parts.ingotVersion,
  };
  const proof = context.saved('proof');
  const packages = context.saved('packages');
  const at = parts.now().toISOString();
  const versions = placesOf(context).map(
    ({ region, imageId, snapshotIds, sizeGiB }): NewVersion => ({
      template: input.template.slug,
      version: input.version,
      region,
      architecture: input.architecture,
      target: input.target,
      imageId,
      snapshotIds,
      createdAt: at,
      validated: proof !== undefined,
      sizeGiB,
      origin: 'saved',
      provenance,
      ...(proof === undefined ? {} : { proof }),
      ...(packages === undefined ? {} : { packages }),
      summary: {
        description: input.description,
        ports: input.instance.ports,
        estimatedCostPerHour: written.costPerHour,
      },
      buildId: input.retries?.id ?? runId,
    }),
  );
  await parts.db.write(async (tx) => {
    for (const version of versions) {
      await registerVersion(tx, version, { action: 'registered', at, by: input.kind, why: runId });
    }
  });
  context.tell({ type: 'detail', text: `${input.template.slug} ${input.version}` });
  return null;
}

/** The machine's image is the parent; the base is that image's own, where it is a version of ours. */
async function originOf(
  { db }: CreationParts,
  { input: { target, instance } }: CreationContext,
): Promise<Pick<Provenance, 'baseImageId' | 'baseName' | 'parentImageId'>> {
  const known = await db.read
    .selectFrom('versions')
    .select('image_id')
    .where('target', '=', target)
    .where('image_id', '=', instance.imageId)
    .executeTakeFirst();
  const parent = known === undefined ? undefined : await readVersion(db.read, target, known.image_id);
  return {
    baseImageId: parent?.provenance?.baseImageId ?? instance.imageId,
    baseName: parent?.provenance?.baseName ?? instance.imageName,
    parentImageId: instance.imageId,
  };
}
