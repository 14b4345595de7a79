/** `/admin/v1/vault/…`: how the vaults are, whether they are whole, and what can go. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { VaultDoor } from '../cloud/admin/vault-door.ts';
import type { SnapshotId } from '../platform/ids.ts';
import { body } from './json-body.ts';

/** Long work is asked for again until it rests: `restart` begins it, the rest of the asks only follow it. */
const careSchema = z.strictObject({ restart: z.boolean() });
const collectSchema = z.strictObject({ dryRun: z.boolean() });
const evictSchema = z.strictObject({
  snapshotIds: z
    .array(
      z
        .string()
        .regex(/^snap-[0-9a-f]{8}([0-9a-f]{9})?$/, 'must be a snapshot id')
        .transform((id) => id as SnapshotId),
    )
    .optional(),
  dryRun: z.boolean(),
});

export function vaultApp(door: VaultDoor) {
  return new Hono()
    .get('/:region', async (c) => c.json(await door.status(c.req.param('region'))))
    .post('/:region/verify', body(careSchema), async (c) =>
      c.json(await door.verify(c.req.param('region'), c.req.valid('json').restart)),
    )
    .post('/:region/repair', body(careSchema), async (c) =>
      c.json(await door.repair(c.req.param('region'), c.req.valid('json').restart)),
    )
    .post('/:region/collect', body(collectSchema), async (c) =>
      c.json(await door.collect(c.req.param('region'), c.req.valid('json').dryRun)),
    )
    .post('/evict', body(evictSchema), async (c) => c.json(await door.evict(c.req.valid('json'))));
}
