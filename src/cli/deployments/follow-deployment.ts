/** Follows a deployment until it is ready, or until its image is there too. Ctrl-C leaves it to itself. */
import { watchRun } from '../builds/watch-run.ts';

export interface FollowDeployment {
  /** Also what comes after it is ready. */
  readonly image: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const atRest = ['succeeded', 'held', 'failed', 'cancelled'];

/** False where Ctrl-C left it to itself. */
export async function followDeployment(
  id: string,
  { image, quiet, verbose }: FollowDeployment,
): Promise<boolean> {
  return await watchRun(id, {
    ...{ quiet, verbose },
    rejoin: `ingot deployments logs ${id} --follow`,
    end: `ingot deployments delete ${id}`,
    isEnough: ({ type, state }) => !image && type === 'run' && atRest.includes(String(state)),
  });
}
