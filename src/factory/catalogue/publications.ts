import { randomBytes } from 'node:crypto';
import { isAtRest, type Run } from '../../platform/workflows/workflow.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import {
  type PublicationInput,
  type PublishedEntries,
  publicationWorkflowName,
} from './publication-workflow.ts';
import { versionsToPublish } from './versions-to-publish.ts';

export interface Publication {
  readonly id: string;
  readonly status: 'in_progress' | 'completed' | 'failed';
  readonly published?: PublishedEntries;
  readonly error?: string;
}

/** All that can be refused is refused here, before anything is written. */
export async function startPublication(
  factory: Factory,
  request: Omit<PublicationInput, 'createdAt'>,
): Promise<string> {
  await versionsToPublish(factory, request);
  const id = `publication-${randomBytes(5).toString('hex')}`;
  const input: PublicationInput = { ...request, createdAt: factory.now().toISOString() };
  await factory.workflows.start(publicationWorkflowName, { id, input });
  return id;
}

export async function findPublication(
  { workflows }: Pick<Factory, 'workflows'>,
  id: string,
): Promise<Publication> {
  const run = await workflows.find(id);
  if (run?.workflow === publicationWorkflowName) return shown(run);
  throw new FactoryError('not-found', `There is no publication '${id}'`);
}

export async function publicationEnded(
  { workflows }: Pick<Factory, 'workflows'>,
  id: string,
): Promise<Publication> {
  return shown(await workflows.settled(id));
}

function shown(run: Run): Publication {
  const published = run.steps.find(({ name }) => name === 'entry')?.result as PublishedEntries | undefined;
  const ended = run.state === 'succeeded' ? 'completed' : 'failed';
  return {
    id: run.id,
    status: isAtRest(run.state) ? ended : 'in_progress',
    ...(published === undefined ? {} : { published }),
    ...(run.failure === undefined ? {} : { error: run.failure.message }),
  };
}
