import { z } from '@hono/zod-openapi';
import type { DeletedImage, PlannedDeletion } from '../../factory/deletions/deletion.ts';
import { toGb } from '../costs/cost-schemas.ts';

export const plannedDeletionSchema = z
  .object({
    ami_id: z.string(),
    name: z.string(),
    region: z.string(),
    state: z.string(),
    created_at: z.string(),
    tags: z.record(z.string(), z.string()),
    template: z.string().nullable(),
    version: z.string().nullable(),
    snapshots: z.array(
      z.object({
        snapshot_id: z.string(),
        size_gb: z.number(),
        goes: z.boolean(),
        because: z.string().nullable().describe('Why it stays'),
      }),
    ),
    freed_gb: z.number().describe('At most: what no other image holds'),
    freed_per_month: z.number().describe('US dollars'),
    channels: z
      .array(z.object({ channel: z.string(), to: z.string().nullable() }))
      .describe('That point to it, and the version that they go back to; none: the channel ends'),
    used_by: z.array(z.object({ kind: z.string(), because: z.string() })),
    obstacle: z.string().nullable().describe('Why it can’t go, whoever asks'),
    needed: z.string().nullable().describe('Why it goes only with `force`'),
  })
  .openapi('PlannedDeletion');

export const deletedImageSchema = z
  .object({
    ami_id: z.string(),
    name: z.string(),
    region: z.string(),
    what: z.enum(['deleted', 'kept', 'failed']),
    snapshots: z.array(z.string()).describe('That went with it'),
    restorable_until: z.string().nullable().describe('EC2’s recycle bin keeps it until then'),
    reason: z.string().nullable(),
  })
  .openapi('DeletedImage');

export function toPlannedBody(planned: PlannedDeletion): z.output<typeof plannedDeletionSchema> {
  const { imageId, name, region, state, createdAt, tags, snapshots, channels, uses } = planned;
  return {
    ...{ ami_id: imageId, name, region, state, created_at: createdAt, tags: { ...tags } },
    template: planned.template ?? null,
    version: planned.version ?? null,
    snapshots: snapshots.map(({ snapshotId, sizeGiB, goes, because = null }) => ({
      ...{ snapshot_id: snapshotId, size_gb: sizeGiB, goes, because },
    })),
    freed_gb: toGb(planned.freedBytes),
    freed_per_month: planned.freedPerMonth,
    channels: channels.map(({ channel, to = null }) => ({ channel, to })),
    used_by: uses.map(({ kind, because }) => ({ kind, because })),
    obstacle: planned.obstacle ?? null,
    needed: planned.needed ?? null,
  };
}

export function toDeletedBody(deleted: DeletedImage): z.output<typeof deletedImageSchema> {
  const { imageId, name, region, what, snapshots, restorableUntil = null, reason = null } = deleted;
  return {
    ...{ ami_id: imageId, name, region, what, snapshots: [...snapshots] },
    ...{ restorable_until: restorableUntil, reason },
  };
}
