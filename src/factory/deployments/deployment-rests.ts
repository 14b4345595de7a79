import { isAtRest, type Run } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import { imageRunId } from './golden/image-workflow.ts';
import { removalRunId } from './removal-workflow.ts';

/** Whether nothing more is done for it: itself, its image and its removal. */
export async function deploymentRests(
  { workflows }: Pick<Factory, 'workflows'>,
  id: string,
): Promise<boolean> {
  const runs = await Promise.all([id, imageRunId(id), removalRunId(id)].map((each) => workflows.find(each)));
  return runs.every((run: Run | undefined) => run === undefined || isAtRest(run.state));
}
