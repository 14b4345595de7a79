/** A deployment goes: its runs end, its machine and its key go, its record says so. The image that it left stays. */
import { type AnyWorkflow, defined, type Step, type Workflow } from '../../platform/workflows/workflow.ts';
import { closeAccess } from '../builds/steps/open-access.ts';
import type { DeploymentInput } from './deployment.ts';
import { updateDeployment } from './deployment-row.ts';
import { imageRunId } from './golden/image-workflow.ts';
import type { DeploymentParts } from './parts.ts';
import { endDeployedInstance } from './steps/launch-instance.ts';

export const removalWorkflowName = 'deployment-removal';

export interface RemovalInput {
  readonly deploymentId: string;
  readonly deployment: DeploymentInput;
}

interface RemovalResults {
  runs: null;
  machine: null;
  access: null;
  record: null;
}

const atATime = 8;

export function removalWorkflow(parts: DeploymentParts): AnyWorkflow {
  const workflow: Workflow<RemovalInput, RemovalResults> = {
    name: removalWorkflowName,
    limit: atATime,
    // Deleting again goes on with it.
    holds: () => true,
    steps: () => stepsOf(parts),
  };
  return defined(workflow);
}

export function removalRunId(deploymentId: string): string {
  return `${deploymentId}-removal`;
}

function stepsOf(parts: DeploymentParts): readonly Step<RemovalInput, RemovalResults>[] {
  return [
    {
      name: 'runs',
      run: async ({ input: { deploymentId } }) => {
        const workflows = await parts.workflows;
        for (const id of [deploymentId, imageRunId(deploymentId)]) {
          if ((await workflows.find(id)) !== undefined) await workflows.cancel(id);
        }
        return null;
      },
    },
    {
      name: 'machine',
      run: async ({ input: { deploymentId, deployment }, signal }) => {
        const target = await parts.targets.get(deployment.target);
        const ec2 = await target.client(deployment.region);
        const row = await parts.db.read
          .selectFrom('deployments')
          .select('instance_id')
          .where('id', '=', deploymentId)
          .executeTakeFirst();
        await endDeployedInstance(ec2, deploymentId, row?.instance_id ?? undefined, signal);
        return null;
      },
    },
    {
      name: 'access',
      run: async ({ input: { deploymentId, deployment } }) => {
        await closeAccess(parts, { runId: deploymentId, input: deployment }, 'build');
        return null;
      },
    },
    {
      name: 'record',
      run: async ({ input: { deploymentId } }) => {
        const at = parts.now().toISOString();
        await updateDeployment(parts, deploymentId, { status: 'deleted', deleted_at: at });
        return null;
      },
    },
  ];
}
