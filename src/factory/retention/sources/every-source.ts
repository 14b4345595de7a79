import type { Factory } from '../../factory.ts';
import type { ReferenceSources } from '../references.ts';
import { accountsOf } from './accounts.ts';
import { buildsOf } from './builds.ts';
import { cataloguesOf } from './catalogues.ts';
import { deploymentsOf } from './deployments.ts';
import { instancesOf } from './instances.ts';
import { launchTemplatesOf } from './launch-templates.ts';
import { channelsOf, childrenOf } from './registry.ts';
import { stepCacheOf } from './step-cache.ts';
import { templatesOf } from './templates.ts';

/** Everybody who can need an image. */
export function everySource(factory: Pick<Factory, 'db' | 'directories'>): ReferenceSources {
  return {
    many: [
      channelsOf(factory),
      instancesOf,
      launchTemplatesOf,
      childrenOf(factory),
      templatesOf(factory),
      cataloguesOf(factory),
      buildsOf(factory),
      deploymentsOf(factory),
      stepCacheOf(factory),
    ],
    one: [accountsOf],
  };
}
