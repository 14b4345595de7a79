/** A deployment, from an app to a machine that is ready: its steps in order, in four stages. */
import { messageOf } from '../../platform/workflows/drive-run.ts';
import { type AnyWorkflow, defined, type Step, type Workflow } from '../../platform/workflows/workflow.ts';
import { resolveBase } from '../bases/resolve-base.ts';
import { awaitMachine } from '../builds/steps/await-machine.ts';
import { awaitSettled } from '../builds/steps/await-settled.ts';
import { runTemplateStep } from '../builds/steps/run-template-step.ts';
import type { DeploymentContext, DeploymentInput, DeploymentResults, DeploymentStage } from './deployment.ts';
import { updateDeployment } from './deployment-row.ts';
import type { DeploymentParts } from './parts.ts';
import { recordDeployment } from './record-deployment.ts';
import { sayFailed } from './say-deployment.ts';
import { authorizeKey } from './steps/authorize-key.ts';
import { awaitStarted } from './steps/await-started.ts';
import { becomeReady } from './steps/become-ready.ts';
import { chooseStart } from './steps/choose-start.ts';
import { launchInstance, openInstance } from './steps/launch-instance.ts';
import { startImage } from './steps/start-image.ts';

export const deploymentWorkflowName = 'deployment';

type StagedStep = Step<DeploymentInput, DeploymentResults> & {
  readonly stage: DeploymentStage;
  readonly title: string;
};

/** As many as the target has room for: each waits for that by itself. */
const unbounded = Number.POSITIVE_INFINITY;

export function deploymentWorkflow(parts: DeploymentParts): AnyWorkflow {
  const workflow: Workflow<DeploymentInput, DeploymentResults> = {
    name: deploymentWorkflowName,
    limit: unbounded,
    // What it has is somebody's: it goes when they delete it.
    holds: () => true,
    steps: (input) => stepsOf(parts, input).map((step) => recorded(parts, step)),
  };
  return defined(workflow);
}

function stepsOf(
  parts: DeploymentParts,
  { template, region, setUpSteps }: DeploymentInput,
): readonly StagedStep[] {
  return [
    {
      name: 'base',
      stage: 'instance',
      title: 'Finding the base image',
      run: async ({ input, runId }) => {
        await recordDeployment(parts, runId, input);
        const target = await parts.targets.get(input.target);
        const { source } = template.base;
        return await resolveBase(target, { source, region, architecture: input.architecture });
      },
    },
    {
      name: 'start',
      stage: 'instance',
      title: 'Looking for an image of this version',
      run: (context) => chooseStart(parts, context),
    },
    {
      name: 'access',
      stage: 'instance',
      title: 'Making a key and a security group',
      run: (context) => openInstance(parts, context),
    },
    {
      name: 'machine',
      stage: 'instance',
      title: 'Launching the machine',
      run: (context) => launchInstance(parts, context),
    },
    {
      name: 'ssh',
      stage: 'instance',
      title: 'Waiting for SSH',
      run: async (context) => {
        const access = context.result('access');
        const at = await awaitMachine(parts, context, context.result('machine'), access);
        const place = { at, keyFile: access.keyFile };
        await awaitSettled(parts, context, place);
        await authorizeKey(parts, context, place);
        await updateDeployment(parts, context.runId, { address: `${at.host}:${at.port}` });
        return at;
      },
    },
    ...template.steps.map((step, position): StagedStep => {
      const part = position < setUpSteps ? 'Set-up' : 'First boot';
      return {
        name: `step:${step.name}`,
        stage: 'set-up',
        title: `${part}: ${step.name}`,
        run: (context) => runTemplateStep(parts, context, position),
      };
    }),
    {
      name: 'services',
      stage: 'services',
      title: 'Waiting for its services',
      run: (context) => awaitStarted(parts, context),
    },
    {
      name: 'ready',
      stage: 'ready',
      title: 'Asking whether it is ready',
      run: (context) => becomeReady(parts, context),
    },
    {
      name: 'image',
      stage: 'ready',
      title: 'Deciding on an image',
      run: (context) => startImage(parts, context),
    },
  ];
}

/** The job record follows the run: which stage, and how it failed. */
function recorded(
  parts: DeploymentParts,
  { stage, title, ...step }: StagedStep,
): Step<DeploymentInput, DeploymentResults> {
  const run = async (context: DeploymentContext) => {
    const { runId, signal } = context;
    context.tell({ type: 'stage', step: step.name, stage, title });
    try {
      await enterStage(parts, runId, stage);
      return await step.run(context);
    } catch (error) {
      if (!signal.aborted) await recordFailure(parts, context, messageOf(error));
      throw error;
    }
  };
  return { ...step, run } as Step<DeploymentInput, DeploymentResults>;
}

async function enterStage(parts: DeploymentParts, id: string, stage: DeploymentStage): Promise<void> {
  const row = await parts.db.read
    .selectFrom('deployments')
    .select(['deployment_stage', 'error'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined || (row.deployment_stage === stage && row.error === null)) return;
  await updateDeployment(parts, id, { deployment_stage: stage, status: 'deploying', error: null });
}

async function recordFailure(
  parts: DeploymentParts,
  { runId: id, input }: DeploymentContext,
  error: string,
): Promise<void> {
  const row = await parts.db.read
    .selectFrom('deployments')
    .select('ready')
    .where('id', '=', id)
    .executeTakeFirst();
  await updateDeployment(parts, id, {
    status: 'failed',
    error,
    ...(row?.ready === 1
      ? {}
      : {
          ami_creation_status: 'skipped',
          ami_creation_reason: 'it never became ready, so no image is made of it',
        }),
  });
  await sayFailed(parts, { deploymentId: id, deployment: input }, error);
}
