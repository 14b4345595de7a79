import { z } from '@hono/zod-openapi';
import type { BuildRequest } from '../../factory/builds/prepare-build.ts';

export const buildRequestSchema = z
  .strictObject({
    template: z.string().min(1).describe('A slug, or a path'),
    from: z.string().startsWith('/').optional().describe('What a relative path is relative to'),
    parameters: z.record(z.string(), z.string()).optional(),
    target: z.string().optional(),
    region: z.string().optional(),
    architecture: z.enum(['x86_64', 'arm64']).optional(),
    version: z.string().min(1).max(128).optional(),
    ami_name: z.string().min(3).max(128).optional(),
    on_failure: z.enum(['keep', 'remove']).optional(),
    cache: z.boolean().optional(),
    from_step: z.string().optional(),
    copy_to_regions: z.array(z.string()).optional(),
    share_with: z.array(z.string().regex(/^\d{12}$/, 'must be 12 digits')).optional(),
    public: z.boolean().optional(),
  })
  .openapi('BuildRequest');

export function toBuildRequest(body: z.output<typeof buildRequestSchema>): BuildRequest {
  return {
    template: body.template,
    from: body.from,
    parameters: body.parameters,
    target: body.target,
    region: body.region,
    architecture: body.architecture,
    version: body.version,
    imageName: body.ami_name,
    onFailure: body.on_failure,
    cache: body.cache,
    fromStep: body.from_step,
    copyTo: body.copy_to_regions,
    share: { accounts: body.share_with ?? [], public: body.public ?? false },
  };
}
