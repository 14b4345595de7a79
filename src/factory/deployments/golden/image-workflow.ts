/**
 * The automatic image of a deployment that is ready: a run of its own, so that nothing that goes wrong with the image
 * touches the deployment. It waits, takes the key, has the image made, tries again up to a bound, and always ends with
 * a status and a reason in the job record.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AnyWorkflow,
  defined,
  type Step,
  type StepContext,
  type Workflow,
} from '../../../platform/workflows/workflow.ts';
import type { DeploymentInput } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenMachine } from './golden-input.ts';
import { attemptId, makeImage } from './make-image.ts';
import { giveKeysBack } from './reserve-key.ts';

export const imageWorkflowName = 'deployment-image';

export interface ImageInput extends GoldenMachine {
  readonly deployment: DeploymentInput;
  /** ISO 8601. */
  readonly readyAt: string;
}

interface ImageResults {
  delay: null;
  image: null;
}

export type ImageContext = StepContext<ImageInput, ImageResults>;

export function imageRunId(deploymentId: string): string {
  return `${deploymentId}-image`;
}

/** They wait for one another, so none may wait for a turn that one of the others has. */
const unbounded = Number.POSITIVE_INFINITY;

export function imageWorkflow(parts: DeploymentParts): AnyWorkflow {
  const workflow: Workflow<ImageInput, ImageResults> = {
    name: imageWorkflowName,
    limit: unbounded,
    steps: () => stepsOf(parts),
  };
  return defined(workflow);
}

function stepsOf(parts: DeploymentParts): readonly Step<ImageInput, ImageResults>[] {
  return [
    {
      name: 'delay',
      run: async ({ input, signal }) => {
        const { delayMs = 0 } = input.deployment.goldenImage ?? {};
        const left = Date.parse(input.readyAt) + delayMs - parts.now().getTime();
        if (left > 0) await delay(left, undefined, { signal });
        return null;
      },
    },
    {
      name: 'image',
      run: (context) => makeImage(parts, context),
      undo: (context) => giveUp(parts, context),
    },
  ];
}

/** The deployment is deleted while its image is being made: nothing of it stays, and whoever waits takes over. */
async function giveUp(parts: DeploymentParts, { input }: ImageContext): Promise<void> {
  const { deploymentId } = input;
  const workflows = await parts.workflows;
  for (let attempt = 1; ; attempt += 1) {
    const id = attemptId(deploymentId, attempt);
    if ((await workflows.find(id)) === undefined) break;
    await workflows.cancel(id);
  }
  await giveKeysBack(parts, deploymentId);
  await updateDeployment(parts, deploymentId, {
    ami_creation_status: 'skipped',
    ami_creation_reason: 'the deployment was deleted before its image was made',
  });
}
