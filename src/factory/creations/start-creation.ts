import { randomBytes } from 'node:crypto';
import type { Factory } from '../factory.ts';
import type { Creation, CreationRequest } from './creation.ts';
import type { CreationInput } from './creation-input.ts';
import { creationWorkflowName } from './creation-workflow.ts';
import { findCreation } from './find-creation.ts';
import { prepareCreation } from './prepare-creation.ts';

/** Writes the creation down and starts it: it goes on whatever becomes of whoever asked. */
export async function startCreation(factory: Factory, request: CreationRequest): Promise<Creation> {
  const input = await prepareCreation(factory, request);
  const { batchId } = request;
  const id = await startPrepared(factory, input, batchId === undefined ? {} : { batchId });
  return await findCreation(factory, id);
}

export async function startPrepared(
  factory: Factory,
  input: CreationInput,
  together: { readonly batchId?: string; readonly retryOf?: string } = {},
): Promise<string> {
  const id = `ami-creation-${input.template.slug.slice(0, 63)}-${randomBytes(5).toString('hex')}`.replaceAll(
    /[^A-Za-z0-9._-]+/g,
    '-',
  );
  const row = {
    id,
    batch_id: together.batchId ?? null,
    retry_of: together.retryOf ?? null,
    kind: input.kind,
    target: input.target,
    region: input.region,
    architecture: input.architecture,
    instance_id: input.instance.id,
    template: input.registered === undefined ? null : input.template.slug,
    version: input.version,
    image_name: input.imageName,
    image_id: null,
    project: input.project ?? null,
    created_at: input.createdAt,
  };
  await factory.db.write((tx) => tx.insertInto('creations').values(row).execute());
  await factory.workflows.start(creationWorkflowName, { id, input });
  return id;
}
