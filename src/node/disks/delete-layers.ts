import { rm } from 'node:fs/promises';
import { flushFolder } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import { layerIds, layerPath } from './layer-files.ts';
import { parentOf } from './layer-status.ts';

/** Deletes those that are neither open nor stood upon, the top of a chain first. Answers which are gone. */
export async function deleteLayers(
  layers: string,
  wanted: readonly LayerId[],
  open: ReadonlySet<LayerId>,
): Promise<readonly LayerId[]> {
  const parents = new Map<LayerId, LayerId | undefined>();
  for (const id of await layerIds(layers)) parents.set(id, await parentOf(layers, id));

  const gone: LayerId[] = wanted.filter((id) => !parents.has(id));
  let left = wanted.filter((id) => parents.has(id) && !open.has(id));
  for (;;) {
    const stoodUpon = new Set(parents.values());
    const free = left.filter((id) => !stoodUpon.has(id));
    if (free.length === 0) break;
    for (const id of free) {
      await rm(layerPath(layers, id), { force: true });
      parents.delete(id);
      gone.push(id);
    }
    left = left.filter((id) => parents.has(id));
  }
  await flushFolder(layers);
  return gone;
}
