/** The keys that one image stands for: that of its own region, and those of the regions that it is copied to. */
import { resolveBase } from '../../bases/resolve-base.ts';
import type { ResolvedBase } from '../../bases/resolved-base.ts';
import type { Factory } from '../../factory.ts';
import { FactoryError } from '../../factory-error.ts';
import type { DeploymentInput } from '../deployment.ts';
import { imageKey } from './image-key.ts';
import type { Reservation } from './reserve-key.ts';

export async function reservationsOf(
  { targets }: Pick<Factory, 'targets'>,
  deployment: DeploymentInput,
  base: Pick<ResolvedBase, 'digest'>,
): Promise<{ readonly own: Reservation; readonly others: readonly Reservation[] }> {
  const target = await targets.get(deployment.target);
  const wanted = deployment.goldenImage?.regions ?? target.regions;
  const regions = [...new Set(wanted)].filter((region) => region !== deployment.region).toSorted();
  const { source } = deployment.template.base;
  const { architecture } = deployment;
  const others = await Promise.all(
    regions.map(async (region) => {
      const there = await resolveBase(target, { source, region, architecture }).catch((error: unknown) => {
        // Where its base isn't, nobody can deploy it anew: a copy is of use there all the same, under our own base.
        if (error instanceof FactoryError && error.kind === 'not-found') return base;
        throw error;
      });
      return reservation({ ...deployment, region }, there);
    }),
  );
  return { own: reservation(deployment, base), others };
}

function reservation(deployment: DeploymentInput, base: Pick<ResolvedBase, 'digest'>): Reservation {
  return {
    key: imageKey(deployment, base),
    target: deployment.target,
    region: deployment.region,
    app: deployment.template.slug,
    version: deployment.version,
    mode: deployment.mode ?? null,
    architecture: deployment.architecture,
  };
}
