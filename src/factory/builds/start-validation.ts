import { randomBytes } from 'node:crypto';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { latest } from '../registry/channel.ts';
import { currentVersion } from '../registry/current-version.ts';
import type { BuildInput } from './build.ts';
import { type BuildRequest, prepareBuild } from './prepare-build.ts';
import { insertBuild } from './start-build.ts';
import { validationWorkflowName } from './validation-workflow.ts';

export type ValidationRequest = Pick<
  BuildRequest,
  'template' | 'from' | 'parameters' | 'target' | 'region' | 'architecture'
> & {
  /** In place of what `latest`, or else the template's `ami_config`, names. */
  readonly imageId?: string | undefined;
};

/** Checks the template's existing image; answers an id that is followed as a build's is. */
export async function startValidation(factory: Factory, request: ValidationRequest): Promise<string> {
  const input = await prepareBuild(factory, { ...request, onFailure: 'remove', cache: false });
  const image = await existingImage(factory, input, request.imageId);
  const id = `validation-${randomBytes(5).toString('hex')}`;
  const checked = { ...input, imageName: image.imageId, version: image.version };
  await insertBuild(factory, id, checked);
  await factory.workflows.start(validationWorkflowName, { id, input: checked });
  return id;
}

async function existingImage(
  factory: Factory,
  { template, target, region, architecture }: BuildInput,
  given: string | undefined,
): Promise<{ readonly imageId: string; readonly version: string }> {
  if (given !== undefined) return { imageId: given, version: given };
  const name = { target, template: template.slug, region, architecture, channel: latest };
  const current = await currentVersion(factory.db.read, name);
  if (current !== undefined) return current;
  const written = template.amiConfig.amis[region]?.[architecture];
  if (written !== undefined) return { imageId: written, version: written };
  throw new FactoryError(
    'not-found',
    `${template.slug} has no image for ${architecture} in ${region} of ${target}; ingot ami build ${template.slug} makes one`,
  );
}
