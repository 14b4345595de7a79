/** A build, from a template to a proven image: its steps in order, and how each is taken back. */
import { defined, type Workflow } from '../../platform/workflows/workflow.ts';
import { resolveBase } from '../bases/resolve-base.ts';
import { chooseStart, forgetStart } from '../cache/choose-start.ts';
import { pruneLayers } from '../cache/prune-layers.ts';
import { announced, type TitledStep } from './announced.ts';
import type { BuildContext, BuildInput, BuildResults } from './build.ts';
import type { MachinePlace } from './machine-shell.ts';
import type { BuildParts } from './parts.ts';
import { sayOutcome } from './say-outcome.ts';
import { awaitMachine } from './steps/await-machine.ts';
import { awaitSettled } from './steps/await-settled.ts';
import { checkMachine } from './steps/check-machine.ts';
import { cleanMachine } from './steps/clean-machine.ts';
import { copyImage, deleteCopies } from './steps/copy-image.ts';
import { createImage, deleteImage } from './steps/create-image.ts';
import { launchBuildMachine, launchProofMachine, terminateMachine } from './steps/launch-machine.ts';
import { closeAccess, deleteGroup, openAccess } from './steps/open-access.ts';
import { proveImage } from './steps/prove-image.ts';
import { readPackages } from './steps/read-packages.ts';
import { registerVersions } from './steps/register-versions.ts';
import { runTemplateStep } from './steps/run-template-step.ts';
import { shareImage } from './steps/share-image.ts';

export const buildWorkflowName = 'build';

export function buildWorkflow(parts: BuildParts, limit: number) {
  const workflow: Workflow<BuildInput, BuildResults> = {
    name: buildWorkflowName,
    limit,
    holds: ({ onFailure }) => onFailure === 'keep',
    rests: (context, rest) => sayOutcome(parts, context, rest),
    steps: (input) => stepsOf(parts, input).map(announced),
  };
  return defined(workflow);
}

function stepsOf(parts: BuildParts, { template, region }: BuildInput): readonly TitledStep[] {
  const removeBuildMachine = async (context: BuildContext) =>
    await terminateMachine(parts, context, 'build', context.saved('machine'));
  const removeProofMachine = async (context: BuildContext) =>
    await terminateMachine(parts, context, 'proof', context.saved('proof machine'));
  return [
    {
      name: 'base',
      title: 'Finding the base image',
      run: async ({ input }) => {
        const target = await parts.targets.get(input.target);
        const { source } = template.base;
        return await resolveBase(target, { source, region, architecture: input.architecture });
      },
    },
    {
      name: 'start',
      title: 'Looking for cached steps',
      run: (context) => chooseStart(parts, context),
      release: (context) => forgetStart(parts, context),
    },
    {
      name: 'access',
      title: 'Making a key and a security group',
      run: (context) => openAccess(parts, context, 'build'),
      release: async (context) => {
        await closeAccess(parts, context, 'build');
        await deleteGroup(parts, context);
      },
    },
    {
      name: 'machine',
      title: 'Launching the build machine',
      run: (context) => launchBuildMachine(parts, context),
      release: removeBuildMachine,
    },
    {
      name: 'ssh',
      title: 'Waiting for SSH',
      run: async (context) => {
        const at = await awaitMachine(parts, context, context.result('machine'), context.result('access'));
        await awaitSettled(parts, context, { at, keyFile: context.result('access').keyFile });
        return at;
      },
    },
    ...template.steps.map(
      (step, position): TitledStep => ({
        name: `step:${step.name}`,
        title: `Step ${position + 1} of ${template.steps.length}: ${step.name}`,
        run: (context) => runTemplateStep(parts, context, position),
      }),
    ),
    {
      name: 'checks',
      title: 'Running the validation tests',
      run: (context) => checkMachine(parts, context, buildMachine(context)),
    },
    {
      name: 'packages',
      title: 'Listing the installed packages',
      run: (context) => readPackages(parts, context, buildMachine(context)),
    },
    {
      name: 'clean',
      title: 'Cleaning the machine',
      run: (context) => cleanMachine(parts, context, buildMachine(context)),
    },
    {
      name: 'image',
      title: 'Creating the image',
      run: (context) => createImage(parts, context),
      undo: (context) => deleteImage(parts, context),
    },
    {
      name: 'machine removed',
      title: 'Removing the build machine',
      run: async (context) => {
        await removeBuildMachine(context);
        return null;
      },
    },
    {
      name: 'proof access',
      title: 'Making a key for the boot proof',
      run: (context) => openAccess(parts, context, 'proof'),
      release: (context) => closeAccess(parts, context, 'proof'),
    },
    {
      name: 'proof machine',
      title: 'Launching the new image',
      run: (context) => launchProofMachine(parts, context),
      release: removeProofMachine,
    },
    {
      name: 'proof',
      title: 'Proving the new image',
      run: (context) => proveImage(parts, context),
    },
    {
      // A step of its own: a proof that is taken again needs its machine.
      name: 'proof machine removed',
      title: "Removing the proof's machine",
      run: async (context) => {
        await removeProofMachine(context);
        return null;
      },
    },
    {
      name: 'copies',
      title: 'Copying to other regions',
      run: (context) => copyImage(parts, context),
      undo: (context) => deleteCopies(parts, context),
    },
    { name: 'share', title: 'Sharing', run: (context) => shareImage(parts, context) },
    {
      name: 'register',
      title: 'Registering the version',
      run: (context) => registerVersions(parts, context),
      release: (context) => pruneLayers(parts, context),
    },
  ];
}

function buildMachine(context: BuildContext): MachinePlace {
  return { at: context.result('ssh'), keyFile: context.result('access').keyFile };
}
