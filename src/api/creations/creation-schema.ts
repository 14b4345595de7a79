/** A creation as the API shows it: the names of the programs that it takes over from, and what Ingot knows more. */
import { z } from '@hono/zod-openapi';
import type { Creation } from '../../factory/creations/creation.ts';
import { creationCosts } from '../../factory/creations/creation-costs.ts';
import type { Factory } from '../../factory/factory.ts';

const status = z.enum(['pending', 'in_progress', 'completed', 'failed']);
const problem = z.object({ step: z.string(), message: z.string() });

const regionResult = z.object({
  region: z.string(),
  ami_id: z.string(),
  status,
  error: z.string().optional(),
  copy_time: z.number().describe('Nanoseconds'),
  copy_cost: z.number().describe('US dollars'),
});

export const creationSchema = z
  .object({
    creation_id: z.string(),
    ami_id: z.string().describe('Empty until the image is begun; of use once the status is completed'),
    name: z.string(),
    template_name: z.string(),
    version: z.string().nullable(),
    instance_id: z.string(),
    instance_name: z.string(),
    target: z.string(),
    target_regions: z.array(z.string()),
    architecture: z.enum(['x86_64', 'arm64']),
    description: z.string(),
    project: z.string().nullable(),
    batch_id: z.string().nullable(),
    status,
    progress: z.number().int().min(0).max(100).describe('By the bytes of the snapshots'),
    message: z.string(),
    estimated_completion_minutes: z
      .number()
      .nullable()
      .describe('That it still takes; null where nothing tells, 0 when it is over'),
    elapsed_time_minutes: z.number(),
    creation_time: z.number().describe('Nanoseconds that it took, or takes so far'),
    storage_cost: z.number().describe('US dollars a month, in all regions'),
    creation_cost: z.number().describe('US dollars, once'),
    billed: z.boolean().describe('False where the costs are what AWS would ask, and nobody does'),
    region_results: z.record(z.string(), regionResult),
    community_sharing: z
      .object({
        community: z.enum(['public', 'accounts']),
        status: z.enum(['shared', 'refused']),
        submitted_at: z.string(),
        error: z.string().optional(),
      })
      .nullable(),
    consistency: z.string().nullable().describe('stopped, rebooted, filesystem or crash'),
    not_running_seconds: z.number().nullable().describe('That the machine stood still or was off'),
    frozen_seconds: z.number().nullable().describe('That its file systems were held still while it ran'),
    size_gb: z.number().nullable(),
    stored_bytes: z.number().nullable(),
    snapshot_ids: z.array(z.string()),
    proof: z.object({ boot_seconds: z.number(), ssh_seconds: z.number(), at: z.string() }).nullable(),
    template_file: z.string().nullable(),
    warnings: z.array(z.string()),
    started_at: z.string(),
    ended_at: z.string().nullable(),
    error: problem.nullable(),
    left_over: z.array(problem).describe('What could not be taken back'),
  })
  .openapi('Creation');

const nsPerMs = 1_000_000;

export async function toCreationBody(
  factory: Pick<Factory, 'prices' | 'workflows' | 'now'>,
  creation: Creation,
): Promise<z.output<typeof creationSchema>> {
  const { proof, sharing } = creation;
  const costs = await creationCosts(factory, creation);
  const isOver = creation.endedAt !== undefined;
  return {
    creation_id: creation.id,
    ami_id: creation.imageId ?? '',
    name: creation.name,
    template_name: creation.template ?? '',
    version: creation.version ?? null,
    instance_id: creation.instanceId,
    instance_name: creation.instanceName,
    target: creation.target,
    target_regions: Object.keys(creation.regionResults),
    architecture: creation.architecture,
    description: creation.description,
    project: creation.project ?? null,
    batch_id: creation.batchId ?? null,
    status: creation.status,
    progress: creation.progress,
    message: creation.message,
    estimated_completion_minutes: isOver
      ? 0
      : creation.remainingMs === undefined
        ? null
        : minutes(creation.remainingMs),
    elapsed_time_minutes: minutes(creation.elapsedMs),
    creation_time: creation.elapsedMs * nsPerMs,
    storage_cost: costs.storagePerMonth,
    creation_cost: costs.creation,
    billed: costs.billed,
    region_results: Object.fromEntries(
      Object.entries(creation.regionResults).map(([region, each]) => [
        region,
        {
          region,
          ami_id: each.imageId ?? '',
          status: each.status,
          ...(each.error === undefined ? {} : { error: each.error }),
          copy_time: (each.copyMs ?? 0) * nsPerMs,
          copy_cost: costs.copies[region] ?? 0,
        },
      ]),
    ),
    community_sharing:
      sharing === undefined
        ? null
        : {
            community: sharing.public ? 'public' : 'accounts',
            status: sharing.problems.length === 0 ? 'shared' : 'refused',
            submitted_at: sharing.at,
            ...(sharing.problems.length === 0 ? {} : { error: sharing.problems.join('; ') }),
          },
    consistency: creation.consistency ?? null,
    not_running_seconds: creation.notRunningMs === undefined ? null : creation.notRunningMs / 1000,
    frozen_seconds: creation.frozenMs === undefined ? null : creation.frozenMs / 1000,
    size_gb: creation.sizeGiB ?? null,
    stored_bytes: creation.storedBytes ?? null,
    snapshot_ids: [...creation.snapshotIds],
    proof:
      proof === undefined
        ? null
        : { boot_seconds: proof.bootMs / 1000, ssh_seconds: proof.sshMs / 1000, at: proof.at },
    template_file: creation.templateFile ?? null,
    warnings: [...creation.warnings],
    started_at: creation.startedAt,
    ended_at: creation.endedAt ?? null,
    error: creation.error ?? null,
    left_over: [...creation.leftOver],
  };
}

function minutes(ms: number): number {
  return Math.round(ms / 600) / 100;
}
