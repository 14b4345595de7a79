import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Creation } from './creation.ts';
import type { CreationInput, TakenImage } from './creation-input.ts';
import { findCreation } from './find-creation.ts';
import { startPrepared } from './start-creation.ts';

/** Copies the image into the regions that failed; answers the id of the run that does. */
export async function retryCopies(
  factory: Factory,
  id: string,
): Promise<{ readonly creation: Creation; readonly runId: string }> {
  const creation = await findCreation(factory, id);
  if (creation.status !== 'completed') {
    throw new FactoryError(
      'conflict',
      `${creation.id} is ${creation.status}: only the copies of an image that is there are made again`,
    );
  }
  const failed = Object.values(creation.regionResults).filter(({ status }) => status === 'failed');
  if (failed.length === 0) {
    throw new FactoryError('conflict', `${creation.id} has every copy that was asked for`);
  }
  const run = await factory.workflows.find(creation.id);
  const input = run?.input as CreationInput;
  const image = run?.steps.find(({ name }) => name === 'image')?.result as TakenImage;
  const again: CreationInput = {
    ...input,
    copyTo: failed.map(({ region }) => region),
    retries: { id: creation.id, image },
    createdAt: factory.now().toISOString(),
  };
  const runId = await startPrepared(factory, again, { retryOf: creation.id });
  return { creation: await findCreation(factory, creation.id), runId };
}
