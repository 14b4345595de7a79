import type { Factory } from '../factory.ts';
import { creationRun } from './find-creation.ts';

/** Ends what runs of it, or tries again to remove what is left over; answers when the machine runs again. */
export async function cancelCreation(factory: Factory, id: string): Promise<void> {
  await factory.workflows.cancel(await creationRun(factory, id));
}
