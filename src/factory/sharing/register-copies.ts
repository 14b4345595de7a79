import type { BuildParts } from '../builds/parts.ts';
import { builtImage } from '../builds/steps/create-image.ts';
import { FactoryError } from '../factory-error.ts';
import { imageById } from '../launches/ways/by-id.ts';
import { findImageVersion, readVersion } from '../registry/find-versions.ts';
import { recordVersion } from '../registry/record-version.ts';
import type { CopyRunContext } from './copy.ts';

/** A copy of a version is that version, in its own region. */
export async function registerCopies(
  parts: Pick<BuildParts, 'db' | 'targets' | 'now'>,
  context: CopyRunContext,
): Promise<null> {
  const { input, runId } = context;
  const known = await findImageVersion(parts.db.read, input.target, input.imageId);
  if (known === undefined) return null;
  const { revoked: _, ...version } = await readVersion(parts.db.read, input.target, input.imageId);
  const target = await parts.targets.get(input.target);
  const copies = context.result('copies').filter(({ status }) => status === 'completed');
  for (const { region, imageId } of [...input.present, ...copies.flatMap(asPlace)]) {
    const image = await imageById(await target.client(region), imageId);
    if (image === undefined) continue;
    const copy = { ...version, ...builtImage(image), region, createdAt: parts.now().toISOString() };
    try {
      await recordVersion(parts.db, copy, { by: 'copy', why: runId });
    } catch (error) {
      // The region has another image of that version: the copy is good all the same.
      if (!(error instanceof FactoryError)) throw error;
      context.tell({ type: 'note', text: `${region}: ${error.message}` });
    }
  }
  context.tell({ type: 'detail', text: `${version.template} ${version.version}` });
  return null;
}

function asPlace(copy: { readonly region: string; readonly imageId?: string }) {
  return copy.imageId === undefined ? [] : [{ region: copy.region, imageId: copy.imageId }];
}
