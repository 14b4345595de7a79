import type { LayerId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import { layerChain } from '../disks/layer-status.ts';
import {
  beginShortening,
  finishShortening,
  planShortening,
  type Shortening,
  shorteningJobs,
} from '../disks/shorten-chain.ts';
import type { Machine } from './machine.ts';
import type { Vm } from './vm.ts';

const jobEnds: ReadonlySet<string> = new Set(['BLOCK_JOB_COMPLETED', 'BLOCK_JOB_CANCELLED']);

/**
 * Begins to shorten the long chains of running machines; QEMU does the work. Chains of stopped machines wait
 * until these run: nobody reads them. Answers at once; asked again, it finds the jobs under way.
 */
export async function shortenChains(context: NodeContext): Promise<readonly LayerId[]> {
  for (const machine of context.machines.values()) {
    if (machine.vm !== undefined) inTurn(context, machine, () => shortenMachine(context, machine));
  }
  const left = [...context.leftLayers];
  context.leftLayers.clear();
  return left;
}

/** One after the other with what is asked of the machine; a failure leaves the chain as it was. */
function inTurn(context: NodeContext, machine: Machine, work: () => Promise<void>): void {
  const { instanceId, log } = machine;
  void context.queue.run([instanceId], work).catch((error: unknown) => {
    log.warn({ instanceId, err: error }, 'a chain could not be shortened');
  });
}

async function shortenMachine(context: NodeContext, machine: Machine): Promise<void> {
  const { vm, instanceId, log } = machine;
  if (vm === undefined) return;
  const { layers } = context.folders;
  const busy = await shorteningJobs(vm.qmp);
  for (const { layerId } of machine.record.volumes) {
    const chain = await layerChain(layers, layerId);
    const shortening = planShortening(chain);
    if (shortening === undefined || busy.includes(shortening.jobId)) continue;
    log.info({ instanceId, layerId, depth: chain.length }, 'shortening a chain');
    const forget = finishWhenEnded(context, machine, vm, shortening);
    await beginShortening(vm.qmp, layers, shortening).catch((error: unknown) => {
      forget();
      throw error;
    });
  }
}

/** In its turn, so that what is asked of the machine meanwhile finds one chain or the other. */
function finishWhenEnded(context: NodeContext, machine: Machine, vm: Vm, shortening: Shortening): () => void {
  const forget = vm.qmp.onEvent(({ event, data }) => {
    if (!jobEnds.has(event) || data.device !== shortening.jobId) return;
    forget();
    inTurn(context, machine, async () => {
      if (machine.vm !== vm) return;
      // Until a header names the copy it belongs to nobody, and would be deleted.
      const isShort = await context.queue.run(['layers'], () =>
        finishShortening(vm.qmp, context.folders.layers, shortening),
      );
      if (isShort) for (const layerId of shortening.left) context.leftLayers.add(layerId);
      const { instanceId, log } = machine;
      log.info(
        { instanceId, layerId: shortening.active },
        isShort ? 'a chain is shorter' : 'a chain stays long',
      );
    });
  });
  return forget;
}
