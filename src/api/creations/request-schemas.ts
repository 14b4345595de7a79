import { z } from '@hono/zod-openapi';
import type { CreationRequest } from '../../factory/creations/creation.ts';
import { findMachine } from '../../factory/creations/find-machine.ts';
import type { SaveRequest } from '../../factory/creations/prepare-save.ts';
import type { Factory } from '../../factory/factory.ts';

const account = z.string().regex(/^\d{12}$/, 'must be 12 digits');
const consistency = z.enum(['auto', 'stopped', 'filesystem', 'crash']);
const tags = z.record(z.string().min(1).max(128), z.string().max(256));

const shared = {
  target: z.string().default('local'),
  region: z.string().optional().describe('Where to look for the machine; every region unless told'),
  description: z.string().max(255).optional(),
  version: z.string().min(1).max(128).optional(),
  public: z.boolean().default(false),
  share_with: z.array(account).default([]),
  tags: tags.default({}),
  project: z.string().min(1).max(256).optional(),
  consistency: consistency.default('auto'),
};

export const createRequestSchema = z
  .strictObject({
    ...shared,
    instance_id: z.string().min(1).describe('Its id, or its name'),
    name: z.string().min(3).max(128),
    template_name: z.string().optional().describe('The image becomes a version of it'),
    no_reboot: z.boolean().default(false),
    multi_region: z.array(z.string()).default([]),
    prove: z.boolean().default(false).describe('Launch it and look at it before it is announced'),
  })
  .openapi('CreationRequest');

export const saveRequestSchema = z
  .strictObject({
    ...shared,
    instances: z.array(z.string().min(1)).min(1).max(50).describe('Ids or names'),
    template_name: z.string().min(1),
    copy_to_regions: z.array(z.string()).default([]),
    prove: z.boolean().default(true),
  })
  .openapi('SaveRequest');

export async function toCreationRequest(
  factory: Pick<Factory, 'targets'>,
  body: z.output<typeof createRequestSchema>,
): Promise<CreationRequest> {
  const { target, region, instance_id: nameOrId } = body;
  const machine = await findMachine(factory, { target, region, nameOrId });
  return {
    ...sharedFields(body),
    kind: 'create',
    region: machine.region,
    instanceId: machine.instanceId,
    ...(machine.name === '' ? {} : { instanceName: machine.name }),
    name: body.name,
    template: body.template_name,
    noReboot: body.no_reboot,
    copyToRegions: body.multi_region,
    register: body.template_name !== undefined,
  };
}

export function toSaveRequest(body: z.output<typeof saveRequestSchema>): SaveRequest {
  return {
    ...sharedFields(body),
    instances: body.instances,
    region: body.region,
    template: body.template_name,
    copyToRegions: body.copy_to_regions,
  };
}

function sharedFields(
  body: z.output<typeof createRequestSchema> | z.output<typeof saveRequestSchema>,
): Pick<
  SaveRequest,
  'target' | 'description' | 'version' | 'public' | 'shareWith' | 'tags' | 'project' | 'consistency' | 'prove'
> {
  return {
    target: body.target,
    description: body.description,
    version: body.version,
    public: body.public,
    shareWith: body.share_with,
    tags: body.tags,
    project: body.project,
    consistency: body.consistency,
    prove: body.prove,
  };
}
