/**
 * Shorter chains read faster. The upper layers of a chain are copied into the one that is being written
 * (`block-stream`), which then stands on the lower ones directly. No layer but the written one changes, and
 * `block-commit`, which would change a frozen one, is never used. Killed anywhere, the header still names the
 * old parent, and what was copied is the same data.
 */
import type { LayerId } from '../../platform/ids.ts';
import { until } from '../deadline.ts';
import { dropUnusedLayers, openLayers } from '../qemu/block-graph.ts';
import type { Qmp } from '../qemu/qmp.ts';
import { layerFileName } from './layer-files.ts';

/** Reads through up to four layers cost nothing measurable, through sixteen a third. */
export const longestChain = 8;
const keptLayers = 4;
/** Leaves the disk to the guests. */
const bytesPerSecond = 64 << 20;
const jobPrefix = 'shorten-';

/** Which layer the written one shall stand on: the lowest `keptLayers` stay. Undefined for a short chain. */
export function shorterBase(chain: readonly LayerId[]): LayerId | undefined {
  return chain.length < longestChain ? undefined : chain.at(-keptLayers);
}

/** Starts the copy; QEMU goes on by itself. Answers whether this call began one. */
export async function beginShortening(qmp: Qmp, chain: readonly LayerId[]): Promise<boolean> {
  const [active] = chain;
  const base = shorterBase(chain);
  if (active === undefined || base === undefined) return false;
  const jobId = `${jobPrefix}${active.slice(-17)}`;
  if ((await shorteningJobs(qmp)).includes(jobId)) return false;
  // A layer that was the written one since QEMU's start has a node of its name; others go by what the header calls them.
  const named = (await openLayers(qmp)).has(base);
  await qmp.execute('block-stream', {
    'job-id': jobId,
    device: active,
    ...(named ? { 'base-node': base } : { base: layerFileName(base) }),
    'backing-file': layerFileName(base),
    speed: bytesPerSecond,
  });
  return true;
}

/** A job holds its nodes, so it gives way to whatever the owner asks for. Data that it copied stays copied. */
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
