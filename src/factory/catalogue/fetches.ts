import { randomBytes } from 'node:crypto';
import { isAtRest, type Run } from '../../platform/workflows/workflow.ts';
import type { BuiltImage } from '../builds/build.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Fetch, FetchInput } from './fetch.ts';
import { fetchWorkflowName } from './fetch-workflow.ts';
import { type EntryQuestion, namedEntry } from './named-entry.ts';

export interface FetchRequest extends EntryQuestion {
  readonly target: string;
  readonly region: string;
}

/** Verifies the entry, then begins. */
export async function startFetch(factory: Factory, request: FetchRequest): Promise<string> {
  const { catalogue, location, manifest } = await namedEntry(factory, request);
  if (manifest.machine === undefined) {
    throw new FactoryError(
      'conflict',
      `${request.name} brings no disks: it is launched by those alone who its images are shared with. ` +
        'Its publisher adds them with ingot ami publish --disks',
    );
  }
  const { template, version, architecture } = manifest;
  const id = `fetch-${randomBytes(5).toString('hex')}`;
  const input: FetchInput = {
    ...{ catalogue, location, manifest, target: request.target, region: request.region },
    imageName: `${catalogue}-${template}-${version}-${architecture}-${id.slice(-6)}`.replaceAll(
      /[^\w.-]/g,
      '-',
    ),
    createdAt: factory.now().toISOString(),
  };
  await factory.workflows.start(fetchWorkflowName, { id, input });
  return id;
}

export async function findFetch({ workflows }: Pick<Factory, 'workflows'>, id: string): Promise<Fetch> {
  const run = await workflows.find(id);
  if (run?.workflow === fetchWorkflowName) return shown(run);
  throw new FactoryError('not-found', `There is no fetch '${id}'`);
}

export async function fetchEnded({ workflows }: Pick<Factory, 'workflows'>, id: string): Promise<Fetch> {
  return shown(await workflows.settled(id));
}

function shown(run: Run): Fetch {
  const { catalogue, manifest } = run.input as FetchInput;
  const image = run.steps.find(({ name }) => name === 'image')?.result as BuiltImage | undefined;
  const ended = run.state === 'succeeded' ? 'completed' : 'failed';
  const status = isAtRest(run.state) ? ended : 'in_progress';
  return {
    ...{ id: run.id, entry: `${catalogue}/${manifest.template}@${manifest.version}`, status },
    ...(image === undefined || status !== 'completed' ? {} : { imageId: image.imageId }),
    ...(run.failure === undefined ? {} : { error: run.failure.message }),
  };
}
