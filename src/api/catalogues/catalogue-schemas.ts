import { z } from '@hono/zod-openapi';
import { architecture } from '../registry/schemas.ts';

export const knownSchema = z
  .object({ name: z.string(), location: z.string(), fingerprint: z.string(), added_at: z.string() })
  .openapi('KnownCatalogue');

export const entrySchema = z
  .object({
    template: z.string(),
    version: z.string(),
    architecture,
    description: z.string(),
    size_gb: z.number(),
    published_at: z.string(),
  })
  .openapi('CatalogueEntry');

export const imagesSchema = z.array(
  z.object({ region: z.string(), ami_id: z.string(), owner_id: z.string() }),
);

export const manifestSchema = entrySchema
  .extend({
    ssh_user: z.string(),
    ports: z.array(z.number()),
    images: imagesSchema,
    proven: z.boolean().describe('A machine launched from it passed its checks'),
    disks: z
      .array(z.object({ device: z.string(), size_gb: z.number(), file: z.string() }))
      .describe('What it brings for clouds that have none of its images'),
    files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })),
  })
  .openapi('CatalogueManifest');
