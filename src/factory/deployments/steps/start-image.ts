/** The deployment is ready and over; its image is the work of a run of its own. */
import type { BuiltStep } from '../../registry/version.ts';
import type { DeploymentContext } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import { type ImageInput, imageRunId, imageWorkflowName } from '../golden/image-workflow.ts';
import { sayCreation } from '../golden/say-creation.ts';
import type { DeploymentParts } from '../parts.ts';

export async function startImage(parts: DeploymentParts, context: DeploymentContext): Promise<null> {
  const { input, runId } = context;
  const reason = whyNone(context);
  if (reason !== undefined) {
    await updateDeployment(parts, runId, {
      status: 'ready',
      ami_creation_status: 'skipped',
      ami_creation_reason: reason,
    });
    sayCreation(parts, runId, `Skipped: ${reason}`);
    return null;
  }
  await updateDeployment(parts, runId, { status: 'ready', ami_creation_status: 'pending' });
  const image: ImageInput = {
    deployment: input,
    deploymentId: runId,
    instanceId: context.result('machine').instanceId,
    base: context.result('base'),
    steps: input.template.steps
      .slice(0, input.setUpSteps)
      .map(({ name }): BuiltStep => ({ name, ...context.result(`step:${name}`) })),
    readyAt: context.result('ready').at,
  };
  const workflows = await parts.workflows;
  await workflows.start(imageWorkflowName, { id: imageRunId(runId), input: image });
  return null;
}

/** Undefined where an image is wanted. */
function whyNone(context: DeploymentContext): string | undefined {
  const { goldenImage, template } = context.input;
  if (goldenImage === undefined) return `${template.slug} asks for no image (golden_image in its template)`;
  const { golden, imageId } = context.result('start');
  return golden ? `it was launched from ${imageId}, which has this version` : undefined;
}
