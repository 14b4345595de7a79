import { defined, type Workflow } from '../../platform/workflows/workflow.ts';
import { announced } from '../builds/announced.ts';
import type { BuildParts } from '../builds/parts.ts';
import { copyTags } from './copied-from.ts';
import type { CopyInput, CopyResults, CopyRunContext } from './copy.ts';
import { copyToEach, deleteEachCopy } from './copy-to-each.ts';
import { registerCopies } from './register-copies.ts';

export const copyWorkflowName = 'copy';

/** They wait for the target. */
const atATime = 8;

export function copyWorkflow(parts: Pick<BuildParts, 'db' | 'targets' | 'now'>) {
  const steps = [
    {
      name: 'copies' as const,
      title: 'Copying to other regions',
      run: (context: CopyRunContext) => {
        const { imageId, description, copyTo } = context.input;
        const copy = { imageId, description, tags: copyTags(context.input, context.runId) };
        return copyToEach(
          parts,
          context,
          copyTo.map((region) => ({ ...copy, region })),
        );
      },
      undo: (context: CopyRunContext) => deleteEachCopy(parts, context, context.input.copyTo),
    },
    {
      name: 'register' as const,
      title: 'Registering the version',
      run: (context: CopyRunContext) => registerCopies(parts, context),
    },
  ];
  const workflow: Workflow<CopyInput, CopyResults> = {
    name: copyWorkflowName,
    limit: atATime,
    steps: () => steps.map((step) => announced(step)),
  };
  return defined(workflow);
}
