/** The template's validations on a machine of its own, launched from an image that is there already. */
import { defined, type Workflow } from '../../platform/workflows/workflow.ts';
import { resolveBase } from '../bases/resolve-base.ts';
import type { BootProof } from '../registry/version.ts';
import { announced, type Titled } from './announced.ts';
import type { BuildInput, ProofInput, ProofResults } from './build.ts';
import type { BuildParts } from './parts.ts';
import { launchProofMachine, terminateMachine } from './steps/launch-machine.ts';
import { closeAccess, deleteGroup, openAccess } from './steps/open-access.ts';
import { proveImage } from './steps/prove-image.ts';

export const validationWorkflowName = 'validation';

/** `imageName`: the image's id. */
export type ValidationInput = ProofInput & Pick<BuildInput, 'imageName'>;

export interface ValidationResults extends ProofResults {
  proof: BootProof;
}

export function validationWorkflow(parts: BuildParts, limit: number) {
  const workflow: Workflow<ValidationInput, ValidationResults> = {
    name: validationWorkflowName,
    limit,
    steps: (input) => stepsOf(parts, input).map((step) => announced(step)),
  };
  return defined(workflow);
}

function stepsOf(
  parts: BuildParts,
  input: ValidationInput,
): readonly Titled<ValidationInput, ValidationResults>[] {
  const { region, architecture, imageName: imageId } = input;
  return [
    {
      name: 'base',
      title: 'Finding the image',
      run: async (context) => {
        const target = await parts.targets.get(input.target);
        const image = await resolveBase(target, { source: imageId, region, architecture });
        context.tell({ type: 'detail', text: `${image.imageId} (${image.name})` });
        return image;
      },
    },
    {
      name: 'proof access',
      title: 'Making a key and a security group',
      run: (context) => openAccess(parts, context, 'proof'),
      release: async (context) => {
        await closeAccess(parts, context, 'proof');
        await deleteGroup(parts, context);
      },
    },
    {
      name: 'image',
      title: 'Looking at the image',
      run: async () => ({ imageId, snapshotIds: [], sizeGiB: 0 }),
    },
    {
      name: 'proof machine',
      title: 'Launching the image',
      run: (context) => launchProofMachine(parts, context),
      release: (context) => terminateMachine(parts, context, 'proof', context.saved('proof machine')),
    },
    {
      name: 'proof',
      title: 'Running the validation tests',
      run: (context) => proveImage(parts, context),
    },
  ];
}
