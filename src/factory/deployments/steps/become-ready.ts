import { askMachine } from '../../readiness/ask-machine.ts';
import { awaitReady } from '../../readiness/await-ready.ts';
import type { BecameReady, DeploymentContext } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import type { DeploymentParts } from '../parts.ts';
import { sayReady } from '../say-deployment.ts';

/** Asked as the template says; every attempt is in the job record, from which a later process counts on. */
export async function becomeReady(parts: DeploymentParts, context: DeploymentContext): Promise<BecameReady> {
  const { input, runId, signal } = context;
  const { readiness } = input.template;
  const target = await parts.targets.get(input.target);
  const { instanceId, launchedAt } = context.result('machine');
  const place = { at: context.result('ssh'), keyFile: context.result('access').keyFile };
  const machine = { target, region: input.region, instanceId, place };
  const now = () => parts.now().getTime();
  const attempts = await awaitReady(readiness, {
    made: await attemptsMade(parts, runId),
    since: now(),
    now,
    ask: () => askMachine(parts, readiness, machine, signal),
    onAttempt: async (attempt, problem) => {
      const at = parts.now().toISOString();
      await updateDeployment(parts, runId, { ready_check_attempts: attempt, ready_checked_at: at });
      if (problem !== undefined)
        context.tell({ type: 'waiting', check: 'readiness', text: `attempt ${attempt}: ${problem}` });
    },
    signal,
  });
  const at = parts.now();
  const ms = at.getTime() - Date.parse(launchedAt);
  await updateDeployment(parts, runId, {
    status: 'ready',
    ready: 1,
    ready_at: at.toISOString(),
    ready_ms: ms,
  });
  await sayReady(parts, { deploymentId: runId, deployment: input }, ms);
  context.tell({ type: 'detail', text: `after ${(ms / 1000).toFixed(1)} s and ${attempts} attempts` });
  return { attempts, at: at.toISOString(), ms };
}

async function attemptsMade({ db }: DeploymentParts, id: string): Promise<number> {
  const row = await db.read
    .selectFrom('deployments')
    .select('ready_check_attempts')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.ready_check_attempts ?? 0;
}
