import { chmod, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { flushFolder } from '../../../platform/files.ts';
import type { NodeContext } from '../../context.ts';
import { layerPath } from '../../disks/layer-files.ts';
import { vaultOf } from '../node-vaults.ts';
import { copyPath } from './fetch-record.ts';
import type { Fetch } from './fetches.ts';
import { isWhole } from './is-whole.ts';
import { moveMachines } from './move-machines.ts';

const lookAgainMs = 30_000;

/**
 * Waits for the last block, puts the copy in the place of the layer's file and every machine on it. A machine that
 * can't be moved while it runs is served on, and looked at again: its next start opens the file.
 */
export async function finishFetch(context: NodeContext, fetch: Fetch): Promise<void> {
  const { record, served, stop } = fetch;
  const { layerId, region, snapshotId } = record;
  if (!(await served.complete)) return;
  await context.queue.run(['layers'], async () => {
    if (!stop.signal.aborted && !(await isWhole(context.folders.layers, layerId)))
      await publish(context, fetch);
  });
  await context.fault('fetch:published');
  for (;;) {
    if (stop.signal.aborted) return;
    if (await moveMachines(context, layerId)) break;
    await pause(lookAgainMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  await context.queue.run(['layers'], async () => {
    if (stop.signal.aborted) return;
    const { deleteSnapshot } = context.fetches.get(layerId)?.record ?? record;
    if (deleteSnapshot === true) await vaultOf(context.vaults, region).deleteSnapshot(snapshotId);
    await context.fetches.drop(layerId);
  });
  context.log.info({ layerId, snapshotId }, 'a layer is complete and needs its vault no longer');
}

async function publish({ folders, fault }: NodeContext, { record }: Fetch): Promise<void> {
  const copy = copyPath(folders.served, record.layerId);
  const file = layerPath(folders.layers, record.layerId);
  await chmod(copy, 0o444);
  await fault('fetch:complete');
  await rename(copy, file);
  await flushFolder(dirname(file));
}
