import { rm } from 'node:fs/promises';
import { defined, type Workflow } from '../../platform/workflows/workflow.ts';
import { announced } from '../builds/announced.ts';
import type { BuildParts } from '../builds/parts.ts';
import { deleteImagesOf } from '../builds/steps/create-image.ts';
import { downloadDisks, downloadFolder } from './download-disks.ts';
import type { FetchContext, FetchInput, FetchResults } from './fetch.ts';
import { registerFetched } from './register-fetched.ts';
import { registerImage } from './register-image.ts';
import { takeDisks } from './take-disks.ts';

export const fetchWorkflowName = 'fetch';

/** Each keeps a disk's file while it lasts. */
const atATime = 2;

export type FetchParts = Pick<BuildParts, 'db' | 'targets' | 'now' | 'directories'>;

export function fetchWorkflow(parts: FetchParts) {
  const removeAll = async ({ input, runId }: FetchContext) => {
    const target = await parts.targets.get(input.target);
    await deleteImagesOf(await target.client(input.region), runId);
  };
  const steps = [
    {
      name: 'files' as const,
      title: 'Fetching and verifying the disks',
      run: (context: FetchContext) => downloadDisks(parts, context),
      release: (context: FetchContext) =>
        rm(downloadFolder(parts, context.runId), { recursive: true, force: true }),
    },
    {
      name: 'snapshots' as const,
      title: 'Making snapshots of them',
      run: (context: FetchContext) => takeDisks(parts, context),
      undo: removeAll,
    },
    {
      name: 'image' as const,
      title: 'Registering the image',
      run: (context: FetchContext) => registerImage(parts, context),
      undo: removeAll,
    },
    {
      name: 'register' as const,
      title: 'Registering the version',
      run: (context: FetchContext) => registerFetched(parts, context),
    },
  ];
  const workflow: Workflow<FetchInput, FetchResults> = {
    name: fetchWorkflowName,
    limit: atATime,
    steps: () => steps.map((step) => announced(step)),
  };
  return defined(workflow);
}
