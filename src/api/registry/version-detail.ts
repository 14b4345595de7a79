/** One version with all that is known of it. */
import { z } from '@hono/zod-openapi';
import type { Ancestry } from '../../factory/registry/ancestry.ts';
import type { TemplateVersion } from '../../factory/registry/version.ts';
import type { VersionEntry } from '../../factory/registry/version-row.ts';
import { toVersionBody, versionSchema } from './schemas.ts';

export const versionDetailSchema = versionSchema
  .extend({
    channels: z.array(z.string()),
    snapshot_ids: z.array(z.string()),
    description: z.string().nullable(),
    provenance: z
      .object({
        template_digest: z.string(),
        template_source: z.string(),
        base_ami_id: z.string(),
        base_name: z.string(),
        parent_ami_id: z.string().nullable(),
        inputs: z.record(z.string(), z.string()),
        steps: z.array(
          z.object({ name: z.string(), key: z.string(), cached: z.boolean(), duration_seconds: z.number() }),
        ),
        ingot_version: z.string(),
      })
      .nullable(),
    proof: z
      .object({
        at: z.string(),
        boot_seconds: z.number(),
        ssh_seconds: z.number(),
        console_tail: z.string(),
        validation_results: z.array(
          z.object({
            name: z.string(),
            status: z.enum(['passed', 'failed']),
            output: z.string(),
            error: z.string().optional(),
          }),
        ),
      })
      .nullable(),
    packages: z
      .object({ manager: z.string(), distribution: z.string(), count: z.number() })
      .nullable()
      .describe('The list itself is the SBOM'),
    ancestry: z
      .array(
        z.object({
          ami_id: z.string(),
          region: z.string(),
          known: z.enum(['provenance', 'ec2']).describe('Who says so'),
          template: z.string().nullable(),
          version: z.string().nullable(),
          name: z.string().nullable(),
          created_at: z.string().nullable(),
        }),
      )
      .describe('The image itself first, then its parent, and so on'),
    ancestry_unanswered: z.string().nullable().describe('Why EC2 could not say more'),
  })
  .openapi('VersionDetail');

export function toDetailBody(
  entry: VersionEntry,
  version: TemplateVersion,
  channels: readonly string[],
  ancestry: Ancestry,
): z.output<typeof versionDetailSchema> {
  const { provenance, proof, packages } = version;
  return {
    ...toVersionBody(entry),
    channels: [...channels],
    snapshot_ids: [...version.snapshotIds],
    description: version.summary?.description ?? null,
    provenance:
      provenance === undefined
        ? null
        : {
            template_digest: provenance.templateDigest,
            template_source: provenance.templateSource,
            base_ami_id: provenance.baseImageId,
            base_name: provenance.baseName,
            parent_ami_id: provenance.parentImageId ?? null,
            inputs: provenance.inputs,
            steps: provenance.steps.map(({ name, key, cached, durationMs }) => {
              return { name, key, cached, duration_seconds: durationMs / 1000 };
            }),
            ingot_version: provenance.ingotVersion,
          },
    proof:
      proof === undefined
        ? null
        : {
            at: proof.at,
            boot_seconds: proof.bootMs / 1000,
            ssh_seconds: proof.sshMs / 1000,
            console_tail: proof.consoleTail,
            validation_results: proof.validations.map((each) => ({ ...each })),
          },
    packages:
      packages === undefined
        ? null
        : {
            manager: packages.manager,
            distribution: `${packages.distribution.id} ${packages.distribution.versionId}`.trim(),
            count: packages.packages.length,
          },
    ancestry: ancestry.images.map((image) => ({
      ami_id: image.imageId,
      region: image.region,
      known: image.known,
      template: image.version?.template ?? null,
      version: image.version?.version ?? null,
      name: image.name ?? null,
      created_at: image.createdAt ?? null,
    })),
    ancestry_unanswered: ancestry.unanswered ?? null,
  };
}
