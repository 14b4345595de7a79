/** Attempts at the image, up to a bound; each is a run of its own, which takes back what it made where it fails. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../platform/workflows/drive-run.ts';
import { isAtRest, type Run } from '../../../platform/workflows/workflow.ts';
import { until } from '../../aws/until.ts';
import type { BuildResults } from '../../builds/build.ts';
import { updateDeployment } from '../deployment-row.ts';
import type { DeploymentParts } from '../parts.ts';
import { sayImageFailed, sayImageReady } from '../say-deployment.ts';
import { attemptInput } from './attempt-input.ts';
import { tellsOfSecret } from './clean-copy.ts';
import { findGoldenImage } from './find-golden-image.ts';
import { goldenWorkflowName } from './golden-workflow.ts';
import type { ImageContext } from './image-workflow.ts';
import { reservationsOf } from './reservations.ts';
import { completeKeys, giveKeysBack, isReserved, reserveKey } from './reserve-key.ts';
import { sayCreation } from './say-creation.ts';

const betweenAttemptsMs = [2_000, 15_000, 60_000];
const lookAgainMs = 1_000;
/** An image takes hours on AWS, and its copies more. */
const attemptDeadlineMs = 48 * 3_600_000;

type Outcome = 'over' | { readonly failed: string; readonly final?: boolean };

export async function makeImage(parts: DeploymentParts, context: ImageContext): Promise<null> {
  const { input, signal } = context;
  const { deployment, deploymentId } = input;
  const { attempts = 1 } = deployment.goldenImage ?? {};
  sayCreation(parts, deploymentId, 'Starting automatic AMI creation...');
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await oneAttempt(parts, context, attempt).catch((error: unknown): Outcome => {
      signal.throwIfAborted();
      return { failed: messageOf(error) };
    });
    if (outcome === 'over') return null;
    const last = attempt >= attempts || outcome.final === true;
    sayCreation(parts, deploymentId, `✗ Attempt ${attempt} of ${attempts} failed: ${outcome.failed}`);
    if (last) {
      await updateDeployment(parts, deploymentId, {
        ami_creation_status: 'failed',
        ami_creation_error: outcome.failed,
        ami_creation_attempts: attempt,
      });
      await giveKeysBack(parts, deploymentId);
      await sayImageFailed(parts, { deploymentId, deployment }, outcome.failed);
      return null;
    }
    await delay(betweenAttemptsMs[Math.min(attempt, betweenAttemptsMs.length) - 1], undefined, { signal });
  }
}

export function attemptId(deploymentId: string, attempt: number): string {
  return `${deploymentId}-image-${attempt}`;
}

async function oneAttempt(parts: DeploymentParts, context: ImageContext, attempt: number): Promise<Outcome> {
  const { deploymentId } = context.input;
  const workflows = await parts.workflows;
  const id = attemptId(deploymentId, attempt);
  // One that was begun before this process started is not begun again: its image may be there by now.
  if ((await workflows.find(id)) === undefined) {
    const regions = await myTurn(parts, context);
    if (regions === 'served') return 'over';
    const input = await attemptInput(parts, context.input, regions);
    await updateDeployment(parts, deploymentId, {
      ami_creation_status: 'creating',
      ami_creation_reason: null,
      ami_creation_attempts: attempt,
    });
    sayCreation(parts, deploymentId, `Creating AMI: ${input.imageName}`);
    await workflows.start(goldenWorkflowName, { id, input });
  }
  const run = await rested(parts, id, context.signal);
  if (run.state !== 'succeeded') {
    const { message = `the attempt was ${run.state}` } = run.failure ?? {};
    // What the machine has on its disk is the same the next time.
    return { failed: message, final: tellsOfSecret(message) };
  }
  await announceCompleted(parts, context, run);
  return 'over';
}

/** The regions for copies once the key is ours; `served` where there is an image already. */
async function myTurn(
  parts: DeploymentParts,
  { input, signal }: ImageContext,
): Promise<readonly string[] | 'served'> {
  const { deployment, deploymentId, base } = input;
  const what = `${deployment.template.name} ${deployment.version}`;
  const { own, others } = await reservationsOf(parts, deployment, base);
  for (;;) {
    signal.throwIfAborted();
    sayCreation(parts, deploymentId, `Checking for existing AMI for ${what}...`);
    const found = await findGoldenImage(parts, deployment, own.key);
    if (found !== undefined) {
      const made = found.by === 'key' ? 'of the same inputs' : 'of this version and mode, made by others';
      await skip(parts, deploymentId, `there is an image ${made}: ${found.imageId}`);
      sayCreation(parts, deploymentId, `Found existing AMI: ${found.imageId}; skipped`);
      await giveKeysBack(parts, deploymentId);
      return 'served';
    }
    const reserved = await reserveKey(parts, deploymentId, own, others, parts.now().toISOString());
    if (reserved.outcome === 'taken') {
      sayCreation(parts, deploymentId, 'No existing AMI found, creating new AMI...');
      return reserved.regions;
    }
    if (reserved.outcome === 'elsewhere') {
      const reason = `${reserved.deploymentId} is making it`;
      await updateDeployment(parts, deploymentId, { ami_creation_reason: reason });
      sayCreation(parts, deploymentId, `Waiting: ${reason}`);
      while (await isReserved(parts, own.key)) await delay(lookAgainMs, undefined, { signal });
    }
  }
}

async function skip(parts: DeploymentParts, deploymentId: string, reason: string): Promise<void> {
  await updateDeployment(parts, deploymentId, {
    ami_creation_status: 'skipped',
    ami_creation_reason: reason,
  });
}

/** Taken up by the engine after us, perhaps, when the process has just started. */
async function rested(parts: DeploymentParts, id: string, signal: AbortSignal): Promise<Run> {
  const workflows = await parts.workflows;
  const over = aborted(signal);
  const read = async () => {
    const run = await Promise.race([workflows.settled(id), over]);
    return run !== undefined && isAtRest(run.state) ? run : undefined;
  };
  return await until(read, { signal, deadlineMs: attemptDeadlineMs, what: `${id} to end` });
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  return await promise;
}

async function announceCompleted(parts: DeploymentParts, { input }: ImageContext, run: Run): Promise<void> {
  const { deployment, deploymentId } = input;
  const results = Object.fromEntries(
    run.steps.map(({ name, result }) => [name, result]),
  ) as Partial<BuildResults>;
  const { image, copies = [] } = results;
  if (image === undefined) throw new Error(`${run.id} succeeded without an image`);
  const own = { region: deployment.region, imageId: image.imageId };
  await completeKeys(parts, deploymentId, [own, ...copies]);
  await updateDeployment(parts, deploymentId, {
    ami_creation_status: 'completed',
    created_ami_id: image.imageId,
    ami_created_at: run.endedAt ?? parts.now().toISOString(),
    ami_creation_error: null,
    ami_creation_reason: null,
  });
  await sayImageReady(parts, { deploymentId, deployment }, image.imageId);
  sayCreation(parts, deploymentId, `✓ AMI Created Successfully: ${image.imageId}`);
}
