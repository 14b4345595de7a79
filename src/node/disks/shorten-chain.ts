/**
 * Shorter chains read faster. The frozen layers of a chain, but for the lowest, are copied together into a new one
 * (`block-stream`) beside the guest; then the layer that is being written is put on the copy, which shows the
 * same disk. No frozen layer changes; `block-commit`, which would change one, is never used. Killed anywhere, the
 * header of the written layer names the old chain or the new one, and both are whole.
 *
 * The copy has no subclusters. The written layer has, so nothing is ever streamed into it: QEMU before 8.1 dies of
 * that (`bdrv_co_do_copy_on_readv: Assertion skip_bytes < pnum`) where a cluster is there in part.
 */
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { flushFolder } from '../../platform/files.ts';
import { type LayerId, newId } from '../../platform/ids.ts';
import { until } from '../deadline.ts';
import { activeLayers, dropUnusedLayers, nodesOfLayers, openLayers } from '../qemu/block-graph.ts';
import { layerNode } from '../qemu/devices.ts';
import type { Qmp } from '../qemu/qmp.ts';
import { flushLayer, freezeLayer, layerFileName, layerHeader, layerPath } from './layer-files.ts';
import { readQcow2Header } from './qcow2-header.ts';
import { qemuImg } from './qemu-img.ts';

/** Reads through up to four layers cost nothing measurable, through sixteen a third. */
export const longestChain = 8;
const keptLayers = 3;
/** Leaves the disk to the guests. */
const bytesPerSecond = 64 << 20;
const jobPrefix = 'shorten-';

/** One copy: of what `active` stands on, from `upper` down to `base`. */
export interface Shortening {
  readonly jobId: string;
  readonly active: LayerId;
  readonly upper: LayerId;
  /** The lowest `keptLayers` stay, and the copy stands on them. */
  readonly base: LayerId;
  readonly merged: LayerId;
  /** From `upper` down to above `base`: nothing that is merged stands on them any more. */
  readonly left: readonly LayerId[];
}

/** Undefined for a short chain. */
export function planShortening(chain: readonly LayerId[]): Shortening | undefined {
  const [active, upper] = chain;
  const base = chain.at(-keptLayers);
  if (chain.length < longestChain || active === undefined || upper === undefined || base === undefined) {
    return undefined;
  }
  const left = chain.slice(1, -keptLayers);
  return { jobId: `${jobPrefix}${active.slice(-17)}`, active, upper, base, merged: newId('layer'), left };
}

/** Starts the copy; QEMU goes on by itself, and an event tells when the job ends. */
export async function beginShortening(qmp: Qmp, layers: string, shortening: Shortening): Promise<void> {
  const { jobId, upper, base, merged } = shortening;
  const draft = draftOf(layers, merged);
  try {
    const nodes = await nodesOfLayers(qmp);
    const { sizeBytes } = await layerHeader(layers, upper);
    const over = ['-u', '-F', 'qcow2', '-b', layerFileName(upper)];
    await qemuImg(['create', '-q', '-f', 'qcow2', ...over, draft, String(sizeBytes)]);
    const options = { filename: `../../layers/${basename(draft)}`, backing: nodes.get(upper) ?? upper };
    await qmp.execute('blockdev-add', layerNode(merged, options));
    await qmp.execute('block-stream', {
      'job-id': jobId,
      device: merged,
      'base-node': nodes.get(base) ?? base,
      'backing-file': layerFileName(base),
      speed: bytesPerSecond,
    });
  } catch (error) {
    await dropUnusedLayers(qmp);
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Puts the written layer on the finished copy. A copy that failed, was stopped, or came too late for its layer is
 * thrown away. Nobody may delete layers meanwhile: until a header names the copy, it belongs to nobody.
 */
export async function finishShortening(qmp: Qmp, layers: string, shortening: Shortening): Promise<boolean> {
  const { active, merged } = shortening;
  try {
    if (!(await isComplete(qmp, layers, shortening))) return false;
    await publish(layers, merged);
    await qmp.execute('blockdev-reopen', { options: [layerNode(active, { backing: merged })] });
    await qmp.execute('change-backing-file', {
      device: active,
      'image-node-name': active,
      'backing-file': layerFileName(merged),
    });
    // The layers of the old chain may go once this is on disk.
    await flushLayer(layers, active);
    return true;
  } finally {
    await dropUnusedLayers(qmp);
    await rm(draftOf(layers, merged), { force: true });
  }
}

async function isComplete(qmp: Qmp, layers: string, { active, merged, base }: Shortening): Promise<boolean> {
  const header = await readQcow2Header(draftOf(layers, merged));
  const isWritten = [...(await activeLayers(qmp)).values()].includes(active);
  return header?.backingFile === layerFileName(base) && isWritten && (await openLayers(qmp)).has(merged);
}

async function publish(layers: string, merged: LayerId): Promise<void> {
  const draft = draftOf(layers, merged);
  const file = await open(draft, 'r');
  await file.datasync().finally(() => file.close());
  await rename(draft, layerPath(layers, merged));
  await freezeLayer(layers, merged);
  await flushFolder(layers);
}

/** Not a layer until it is whole; the next start removes drafts. */
function draftOf(layers: string, layerId: LayerId): string {
  return `${layerPath(layers, layerId)}.draft`;
}

/** A job holds its nodes, so it gives way to whatever the owner asks for. */
export async function stopShortening(qmp: Qmp): Promise<void> {
  const jobs = await shorteningJobs(qmp);
  if (jobs.length === 0) return;
  // One that ends by itself meanwhile is refused, which is as good.
  await Promise.allSettled(jobs.map((id) => qmp.execute('job-cancel', { id })));
  await until(async () => ((await shorteningJobs(qmp)).length === 0 ? true : undefined), {
    deadlineMs: 10_000,
    what: 'the end of a block job',
  });
  await dropUnusedLayers(qmp);
}

export async function shorteningJobs(qmp: Qmp): Promise<readonly string[]> {
  const jobs = (await qmp.execute('query-jobs')) as readonly { readonly id: string }[];
  return jobs.map((job) => job.id).filter((id) => id.startsWith(jobPrefix));
}
