import type { Factory } from '../factory.ts';
import { findBuild } from './find-build.ts';

/** Ends a build, a held one too, and removes what it made; waits until that is done. */
export async function cancelBuild(factory: Factory, id: string): Promise<void> {
  await findBuild(factory, id);
  await factory.workflows.cancel(id);
}
