/** Versions, channels and what else the registry's routes take and answer. */
import { z } from '@hono/zod-openapi';
import type { ImageOutcome } from '../../factory/registry/block-image.ts';
import type { ChannelMove } from '../../factory/registry/channel.ts';
import type { ListedVersion } from '../../factory/registry/list-versions.ts';
import type { VersionEntry } from '../../factory/registry/version-row.ts';

export const architecture = z.enum(['x86_64', 'arm64']);

/** Query or body: where a request counts. */
export const places = {
  target: z.string().default('local'),
  region: z.string().optional(),
  architecture: architecture.optional(),
};

export const actor = {
  by: z.string().min(1).max(200).default('api').describe('Who does it, for the history'),
  why: z.string().max(2000).default('').describe('Why, for the history'),
};

export const reference = z
  .string()
  .min(1)
  .describe('TEMPLATE, TEMPLATE@VERSION, TEMPLATE@CHANNEL or an image id');

export const versionSchema = z
  .object({
    template: z.string(),
    version: z.string(),
    target: z.string(),
    region: z.string(),
    architecture,
    ami_id: z.string(),
    created_at: z.string(),
    size_gb: z.number(),
    origin: z.enum(['built', 'saved', 'imported']),
    proven: z.boolean().describe('A machine launched from it passed its checks'),
    build_id: z.string().nullable(),
    revoked: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
  })
  .openapi('Version');

export const listedVersionSchema = versionSchema
  .extend({ channels: z.array(z.string()) })
  .openapi('ListedVersion');

export const moveSchema = z
  .object({
    target: z.string(),
    template: z.string(),
    region: z.string(),
    architecture,
    channel: z.string(),
    action: z.enum(['registered', 'promoted', 'rolled-back', 'revoked', 'deleted', 'restored', 'imported']),
    from_ami_id: z.string().nullable(),
    from_version: z.string().nullable(),
    to_ami_id: z.string().nullable().describe('None where the channel ended'),
    to_version: z.string().nullable(),
    at: z.string(),
    by: z.string(),
    why: z.string(),
    forced: z.boolean().describe('An unproven version, promoted against the rule'),
  })
  .openapi('ChannelMove');

export const imageOutcomeSchema = z
  .object({
    ami_id: z.string(),
    region: z.string(),
    outcome: z.enum(['disabled', 'enabled', 'tagged', 'gone', 'failed']),
    reason: z.string().nullable(),
  })
  .openapi('ImageOutcome');

export function toVersionBody(version: VersionEntry): z.output<typeof versionSchema> {
  return {
    template: version.template,
    version: version.version,
    target: version.target,
    region: version.region,
    architecture: version.architecture,
    ami_id: version.imageId,
    created_at: version.createdAt,
    size_gb: version.sizeGiB,
    origin: version.origin,
    proven: version.proven,
    build_id: version.buildId ?? null,
    revoked: version.revoked ?? null,
  };
}

export function toListedBody(version: ListedVersion): z.output<typeof listedVersionSchema> {
  return { ...toVersionBody(version), channels: [...version.channels] };
}

/** `versionOf`: names of images, for people. */
export function toMoveBody(
  move: ChannelMove,
  versionOf: (imageId: string | undefined) => string | undefined,
): z.output<typeof moveSchema> {
  return {
    target: move.target,
    template: move.template,
    region: move.region,
    architecture: move.architecture,
    channel: move.channel,
    action: move.action,
    from_ami_id: move.fromImageId ?? null,
    from_version: versionOf(move.fromImageId) ?? null,
    to_ami_id: move.toImageId ?? null,
    to_version: versionOf(move.toImageId) ?? null,
    at: move.at,
    by: move.by,
    why: move.why,
    forced: move.forced,
  };
}

export function toOutcomeBody(image: ImageOutcome): z.output<typeof imageOutcomeSchema> {
  return {
    ami_id: image.imageId,
    region: image.region,
    outcome: image.outcome,
    reason: image.reason ?? null,
  };
}
