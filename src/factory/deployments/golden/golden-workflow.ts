/**
 * One attempt at a golden image. The deployed machine is only looked at: an image of it as it runs becomes a second
 * machine, which is cleaned, and the image that counts is made of that one, booted, proven, copied, registered and
 * tagged. Where a step fails, all of it is taken back.
 */
import { defined, type Step, type Workflow } from '../../../platform/workflows/workflow.ts';
import { awaitMachine } from '../../builds/steps/await-machine.ts';
import { awaitSettled } from '../../builds/steps/await-settled.ts';
import { copyImage, deleteCopies } from '../../builds/steps/copy-image.ts';
import { createImage, deleteImage } from '../../builds/steps/create-image.ts';
import {
  launchBuildMachine,
  launchProofMachine,
  terminateMachine,
} from '../../builds/steps/launch-machine.ts';
import { closeAccess, deleteGroup, openAccess } from '../../builds/steps/open-access.ts';
import { proveImage } from '../../builds/steps/prove-image.ts';
import { readPackages } from '../../builds/steps/read-packages.ts';
import { registerVersions } from '../../builds/steps/register-versions.ts';
import type { DeploymentParts } from '../parts.ts';
import { cleanCopy } from './clean-copy.ts';
import type { GoldenContext, GoldenInput, GoldenResults } from './golden-input.ts';
import { deleteMachineCopy, imageMachine } from './image-machine.ts';
import { closeOutside, openInside, openOutside } from './isolate.ts';
import { proveReady } from './prove-ready.ts';
import { sayCreation } from './say-creation.ts';
import { tagGoldenImages } from './tag-golden-images.ts';

export const goldenWorkflowName = 'golden-image';

export function goldenWorkflow(parts: DeploymentParts, limit: number) {
  const workflow: Workflow<GoldenInput, GoldenResults> = {
    name: goldenWorkflowName,
    limit,
    steps: () => stepsOf(parts),
  };
  return defined(workflow);
}

function stepsOf(parts: DeploymentParts): readonly Step<GoldenInput, GoldenResults>[] {
  const say = ({ input }: GoldenContext, text: string) => sayCreation(parts, input.deploymentId, text);
  const removeCopy = async (context: GoldenContext) =>
    await terminateMachine(parts, context, 'build', context.saved('machine'));
  const removeProofMachine = async (context: GoldenContext) =>
    await terminateMachine(parts, context, 'proof', context.saved('proof machine'));
  return [
    { name: 'base', run: async ({ input }) => input.base },
    {
      name: 'start',
      run: (context) => imageMachine(parts, context),
      release: (context) => deleteMachineCopy(parts, context),
    },
    {
      name: 'access',
      run: async (context) => {
        const access = await openAccess(parts, context, 'build');
        await closeOutside(parts, context, access);
        return access;
      },
      release: async (context) => {
        await closeAccess(parts, context, 'build');
        await deleteGroup(parts, context);
      },
    },
    {
      name: 'machine',
      run: (context) => launchBuildMachine(parts, context),
      release: removeCopy,
    },
    {
      name: 'ssh',
      run: async (context) => {
        const at = await awaitMachine(parts, context, context.result('machine'), context.result('access'));
        await awaitSettled(parts, context, { at, keyFile: context.result('access').keyFile });
        return at;
      },
    },
    {
      name: 'packages',
      run: (context) => readPackages(parts, context, copyOf(context)),
    },
    {
      name: 'clean',
      run: (context) => cleanCopy(parts, context, copyOf(context)),
    },
    {
      name: 'image',
      run: async (context) => {
        const image = await createImage(parts, context);
        say(context, `✓ AMI creation initiated: ${image.imageId}`);
        return image;
      },
      undo: (context) => deleteImage(parts, context),
    },
    {
      name: 'machine removed',
      run: async (context) => {
        await removeCopy(context);
        return null;
      },
    },
    {
      name: 'proof access',
      run: async (context) => {
        const access = await openAccess(parts, context, 'proof');
        await openOutside(parts, context, access);
        await openInside(parts, context, access);
        return access;
      },
      release: (context) => closeAccess(parts, context, 'proof'),
    },
    {
      name: 'proof machine',
      run: (context) => launchProofMachine(parts, context),
      release: removeProofMachine,
    },
    {
      name: 'proof',
      run: async (context) => {
        say(context, 'Proving that it boots...');
        return await proveImage(parts, context);
      },
    },
    {
      name: 'proof ready',
      run: (context) => proveReady(parts, context),
    },
    {
      name: 'proof machine removed',
      run: async (context) => {
        await removeProofMachine(context);
        return null;
      },
    },
    {
      name: 'copies',
      run: (context) => copyImage(parts, context),
      undo: (context) => deleteCopies(parts, context),
    },
    { name: 'tags', run: (context) => tagGoldenImages(parts, context) },
    { name: 'register', run: (context) => registerVersions(parts, context, context.input.steps) },
  ];
}

function copyOf(context: GoldenContext) {
  return { at: context.result('ssh'), keyFile: context.result('access').keyFile };
}
