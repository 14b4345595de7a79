/** From a machine that somebody has to an image with a name: what each step does, and how it is taken back. */
import { defined, type Workflow } from '../../platform/workflows/workflow.ts';
import { announced, type Titled } from '../builds/announced.ts';
import { awaitMachine } from '../builds/steps/await-machine.ts';
import { deleteImage } from '../builds/steps/create-image.ts';
import { launchProofMachine, terminateMachine } from '../builds/steps/launch-machine.ts';
import { closeAccess, deleteGroup, openAccess } from '../builds/steps/open-access.ts';
import { proveImage } from '../builds/steps/prove-image.ts';
import { readPackages } from '../builds/steps/read-packages.ts';
import type { CreationContext, CreationInput, CreationResults } from './creation-input.ts';
import type { CreationParts } from './parts.ts';
import { sayOutcome } from './say-outcome.ts';
import { type StepName, stepNames } from './step-names.ts';
import { copyToRegions, deleteRegionCopies } from './steps/copy-to-regions.ts';
import { registerVersions } from './steps/register-versions.ts';
import { shareWith } from './steps/share-with.ts';
import { giveMachineBack, lookAtMachine, startMachine, stopMachine } from './steps/source-machine.ts';
import { awaitImage, takeImage } from './steps/take-image.ts';
import { takeBackTemplate, writeTemplate } from './steps/write-template.ts';

export const creationWorkflowName = 'creation';

/** They mostly wait, and each has a machine of its own. */
const atATime = 16;

export function creationWorkflow(parts: CreationParts) {
  const steps = stepsOf(parts);
  const workflow: Workflow<CreationInput, CreationResults> = {
    name: creationWorkflowName,
    limit: atATime,
    rests: (context, rest) => sayOutcome(parts, context, rest),
    steps: (input) => stepNames(input).map((name) => announced(steps[name])),
  };
  return defined(workflow);
}

type Steps = {
  readonly [Name in StepName]: Titled<CreationInput, CreationResults> & { readonly name: Name };
};

/** In the order that `stepNames` gives those which a creation takes. */
function stepsOf(parts: CreationParts): Steps {
  const removeProofMachine = async (context: CreationContext) =>
    await terminateMachine(parts, context, 'proof', context.saved('proof machine'));
  return {
    base: {
      name: 'base',
      title: 'Looking at the machine',
      run: (context) => lookAtMachine(parts, context),
    },
    stopped: {
      name: 'stopped',
      title: 'Stopping the machine',
      run: (context) => stopMachine(parts, context),
      release: (context) => giveMachineBack(parts, context),
    },
    taken: {
      name: 'taken',
      title: 'Taking the image',
      run: (context) => takeImage(parts, context),
      undo: (context) => deleteImage(parts, context),
    },
    started: {
      name: 'started',
      title: 'Starting the machine again',
      run: (context) => startMachine(parts, context),
    },
    image: {
      name: 'image',
      title: 'Waiting for the image',
      run: async (context) => context.input.retries?.image ?? (await awaitImage(parts, context)),
    },
    'proof access': {
      name: 'proof access',
      title: 'Making a key for the boot proof',
      run: (context) => openAccess(parts, context, 'proof'),
      release: async (context) => {
        await closeAccess(parts, context, 'proof');
        await deleteGroup(parts, context);
      },
    },
    'proof machine': {
      name: 'proof machine',
      title: 'Launching the new image',
      run: (context) => launchProofMachine(parts, context),
      release: removeProofMachine,
    },
    proof: {
      name: 'proof',
      title: 'Proving the new image',
      run: (context) => proveImage(parts, context),
    },
    packages: {
      name: 'packages',
      title: 'Listing the installed packages',
      run: async (context) => {
        const access = context.result('proof access');
        const at = await awaitMachine(parts, context, context.result('proof machine'), access);
        return await readPackages(parts, context, { at, keyFile: access.keyFile });
      },
    },
    // A step of its own: a proof that is taken again needs its machine.
    'proof machine removed': {
      name: 'proof machine removed',
      title: "Removing the proof's machine",
      run: async (context) => {
        await removeProofMachine(context);
        return null;
      },
    },
    copies: {
      name: 'copies',
      title: 'Copying to other regions',
      run: (context) => copyToRegions(parts, context),
      undo: (context) => deleteRegionCopies(parts, context),
    },
    share: {
      name: 'share',
      title: 'Sharing',
      run: (context) => shareWith(parts, context),
    },
    template: {
      name: 'template',
      title: 'Writing the template',
      run: (context) => writeTemplate(parts, context),
      undo: (context) => takeBackTemplate(parts, context),
    },
    register: {
      name: 'register',
      title: 'Registering the version',
      run: (context) => registerVersions(parts, context),
    },
  };
}
