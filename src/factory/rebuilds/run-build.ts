import { isAtRest } from '../../platform/workflows/workflow.ts';
import { findBuild } from '../builds/find-build.ts';
import { startBuildAs } from '../builds/start-build.ts';
import type { DeploymentParts } from '../deployments/parts.ts';
import type { RebuildContext, RebuildResults } from './rebuild.ts';

/** The build is a run of its own, seen and cancelled as any other; repeated, it is waited for again. */
export async function runBuild(
  parts: DeploymentParts,
  { input, signal }: RebuildContext,
): Promise<RebuildResults['build']> {
  const workflows = await parts.workflows;
  await startBuildAs({ ...parts, workflows }, input.buildId, input.build);
  const run = await Promise.race([workflows.settled(input.buildId), aborted(signal)]);
  signal.throwIfAborted();
  if (run === undefined || !isAtRest(run.state)) throw new Error(`${input.buildId} was interrupted`);
  const { imageId, copies, error } = await findBuild({ ...parts, workflows }, input.buildId);
  if (run.state !== 'succeeded' || imageId === undefined) {
    const why = error === undefined ? '' : `: ${error.step}: ${error.message}`;
    throw new Error(`${input.buildId} ended as ${run.state}${why}`);
  }
  return { images: [{ region: input.region, imageId, snapshotIds: [], sizeGiB: 0 }, ...copies] };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  return promise;
}
