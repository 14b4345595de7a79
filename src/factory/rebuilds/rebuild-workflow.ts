/**
 * A rebuild: the template is built and proven as any build is, the channel goes to the new version, and a machine of
 * it must become ready where the template says when one is. If none does, the channel goes back to where it was.
 */
import { defined, type Step, type Workflow } from '../../platform/workflows/workflow.ts';
import { resolveBase } from '../bases/resolve-base.ts';
import { launchProofMachine, terminateMachine } from '../builds/steps/launch-machine.ts';
import { closeAccess, deleteGroup, openAccess } from '../builds/steps/open-access.ts';
import { openInside } from '../deployments/golden/isolate.ts';
import type { DeploymentParts } from '../deployments/parts.ts';
import { askedOfMachine, proveReadiness } from '../readiness/prove-readiness.ts';
import { promoteRebuilt, takePromotionBack } from './promote-rebuilt.ts';
import type { RebuildContext, RebuildInput, RebuildResults } from './rebuild.ts';
import { runBuild } from './run-build.ts';
import { sayRebuild } from './say-rebuild.ts';

export const rebuildWorkflowName = 'rebuild';

export function rebuildWorkflow(parts: DeploymentParts, limit: number) {
  const workflow: Workflow<RebuildInput, RebuildResults> = {
    name: rebuildWorkflowName,
    limit,
    steps: ({ template }) => stepsOf(parts, template),
    rests: (context, rest) => sayRebuild(parts, context, rest),
  };
  return defined(workflow);
}

function stepsOf(
  parts: DeploymentParts,
  { readiness }: RebuildInput['template'],
): readonly Step<RebuildInput, RebuildResults>[] {
  const built: readonly Step<RebuildInput, RebuildResults>[] = [
    { name: 'build', run: (context) => runBuild(parts, context) },
    {
      name: 'promote',
      run: (context) => promoteRebuilt(parts, context),
      undo: (context) => takePromotionBack(parts, context),
    },
  ];
  const asked = readiness === undefined ? undefined : askedOfMachine(readiness);
  if (readiness === undefined || asked === undefined) return built;
  return [
    ...built,
    { name: 'image', run: async (context) => imageOf(context) },
    {
      name: 'base',
      run: async (context) => {
        const { target, region, architecture } = context.input;
        const source = context.result('image').imageId;
        return await resolveBase(await parts.targets.get(target), { source, region, architecture });
      },
    },
    {
      name: 'proof access',
      run: async (context) => {
        const access = await openAccess(parts, context, 'proof');
        const { target, region } = context.input;
        await openInside(parts, { input: { target, region, template: { readiness } } }, access);
        return access;
      },
      release: async (context) => {
        await closeAccess(parts, context, 'proof');
        await deleteGroup(parts, context);
      },
    },
    {
      name: 'proof machine',
      run: (context) => launchProofMachine(parts, context),
      release: (context) => terminateMachine(parts, context, 'proof', context.saved('proof machine')),
    },
    {
      name: 'ready',
      run: async (context) => ({ attempts: await proveReadiness(parts, context, readiness, asked) }),
    },
  ];
}

function imageOf(context: RebuildContext) {
  const { region } = context.input;
  const image = context.result('build').images.find((each) => each.region === region);
  if (image === undefined) throw new Error(`${context.input.buildId} made no image in ${region}`);
  return image;
}
