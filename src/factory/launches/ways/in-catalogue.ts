/** An entry of a trusted catalogue: its shared image, the one that was fetched before, or its disks to be fetched. */
import { fetchedTemplate } from '../../catalogue/fetch.ts';
import { type NamedEntry, namedEntry } from '../../catalogue/named-entry.ts';
import { FactoryError } from '../../factory-error.ts';
import { findVersions } from '../../registry/find-versions.ts';
import type { Answer, Asker, Found } from './asker.ts';
import { imageById } from './by-id.ts';

/** Throws where the catalogue is not as it was signed; where it can't be read, what was fetched before still counts. */
export async function inCatalogue(asker: Asker): Promise<Answer> {
  let entry: NamedEntry;
  try {
    entry = await namedEntry(asker.factory, asker);
  } catch (error) {
    if (!(error instanceof FactoryError) || error.kind === 'invalid') throw error;
    return { way: 'catalogue', detail: error.message };
  }
  const { catalogue, fingerprint, manifest } = entry;
  const { template, version, sshUser, proven } = manifest;
  const shown = `${catalogue}/${template}@${version}, verified (signed by ${fingerprint})`;
  const known = { template: fetchedTemplate(catalogue, template), version, proven, sshUser };
  const fetched = await fetchedImage(asker, entry);
  if (fetched !== undefined) {
    const { revoked, found } = fetched;
    if (revoked !== undefined) return { way: 'catalogue', detail: `${shown}, is revoked here`, revoked };
    if (found !== undefined) {
      const detail = `${shown}, was fetched before: ${found.image.ImageId}`;
      return { way: 'catalogue', detail, found: { ...found, ...known } };
    }
  }
  const shared = await sharedImage(asker, entry);
  if (shared !== undefined) {
    const detail = `${shown}, is shared: ${shared.image.ImageId} of the account ${shared.image.OwnerId}`;
    return { way: 'catalogue', detail, found: { ...shared, ...known } };
  }
  if (manifest.machine === undefined) {
    return {
      way: 'catalogue',
      detail: `${shown}, brings no disks, and none of its images is shared with this account`,
    };
  }
  return { way: 'catalogue', detail: `${shown}, brings its disks`, fetch: { catalogue, entry: shown } };
}

async function fetchedImage(
  { factory, target, ec2, region }: Asker,
  { catalogue, manifest }: NamedEntry,
): Promise<{ readonly found?: Found; readonly revoked?: NonNullable<Answer['revoked']> } | undefined> {
  const { version, architecture } = manifest;
  const template = fetchedTemplate(catalogue, manifest.template);
  const [known] = await findVersions(factory.db.read, {
    ...{ target: target.name, template, version, region, architecture },
  });
  if (known === undefined) return undefined;
  if (known.revoked !== undefined) {
    return { revoked: { imageId: known.imageId, reason: known.revoked.reason } };
  }
  const image = await imageById(ec2, known.imageId);
  return image === undefined ? {} : { found: { image } };
}

/** Here, else in another region. An id that another account has elsewhere is another image. */
async function sharedImage(asker: Asker, { manifest }: NamedEntry): Promise<Found | undefined> {
  const places = manifest.images
    .filter(({ region }) => asker.target.regions.includes(region))
    .toSorted((a, b) => Number(b.region === asker.region) - Number(a.region === asker.region));
  for (const { region, imageId, ownerId } of places) {
    const image = await imageById(await asker.target.client(region), imageId);
    if (image?.OwnerId === ownerId) return { image, region };
  }
  return undefined;
}
