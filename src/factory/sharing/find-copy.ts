import { isAtRest, type Run } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { CopiedRegion, CopyInput, CopyResults, ImageCopy } from './copy.ts';
import { copyWorkflowName } from './copy-workflow.ts';

/** A copy as people see it. */
export async function findImageCopy(
  { workflows }: Pick<Factory, 'workflows'>,
  id: string,
): Promise<ImageCopy> {
  const run = await workflows.find(id);
  if (run?.workflow !== copyWorkflowName) throw new FactoryError('not-found', `There is no copy '${id}'`);
  return shown(run);
}

/** When all its regions are done. */
export async function imageCopyEnded(
  { workflows }: Pick<Factory, 'workflows'>,
  id: string,
): Promise<ImageCopy> {
  return shown(await workflows.settled(id));
}

function shown(run: Run): ImageCopy {
  const { target, region, imageId, imageName, createdAt } = run.input as CopyInput;
  const regions = regionsOf(run);
  return {
    ...{ id: run.id, target, region, imageId, imageName, status: statusOf(run, regions), regions, createdAt },
    ...(run.failure === undefined ? {} : { error: run.failure.message }),
    ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
  };
}

function regionsOf(run: Run): readonly CopiedRegion[] {
  const { copyTo, present } = run.input as CopyInput;
  const done = run.steps.find(({ name }) => name === 'copies')?.result as CopyResults['copies'] | undefined;
  const over = isAtRest(run.state);
  return [
    ...present.map((copy): CopiedRegion => ({ ...copy, status: 'present' })),
    ...copyTo.map((region): CopiedRegion => {
      const copy = done?.find((each) => each.region === region);
      if (copy === undefined) return { region, status: over ? 'failed' : 'in_progress' };
      const { copyMs } = copy;
      return copy.status === 'completed'
        ? { region, status: 'completed', imageId: copy.imageId, copyMs }
        : { region, status: 'failed', error: copy.error, copyMs };
    }),
  ];
}

function statusOf(run: Run, regions: readonly CopiedRegion[]): ImageCopy['status'] {
  if (!isAtRest(run.state)) return 'in_progress';
  if (run.state !== 'succeeded') return 'failed';
  const failed = regions.filter(({ status }) => status === 'failed').length;
  if (failed === 0) return 'completed';
  return failed === regions.length ? 'failed' : 'partial';
}
