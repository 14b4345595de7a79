/**
 * Several builds at once: one for each template and architecture, each copied from the first region to the others,
 * so that all regions have the same image. They run beside each other, and none knows how another fares.
 */
import { randomBytes } from 'node:crypto';
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BuildInput } from './build.ts';
import { type BuildRequest, prepareBuild, readTemplate } from './prepare-build.ts';
import { startBuild } from './start-build.ts';

export interface BatchRequest
  extends Omit<BuildRequest, 'template' | 'region' | 'architecture' | 'copyTo' | 'imageName'> {
  readonly templates: readonly string[];
  /** The template's, as far as the target has them, unless told. */
  readonly regions?: readonly string[] | undefined;
  readonly architectures?: readonly Architecture[] | undefined;
  /** A build in each region, in place of one that is copied. */
  readonly buildInEach?: boolean | undefined;
}

export interface Batch {
  readonly id: string;
  readonly builds: readonly string[];
}

/** Refuses all of them where one can't begin: what is wrong with it is known before anything runs. */
export async function startBuilds(factory: Factory, request: BatchRequest): Promise<Batch> {
  const inputs = await prepareBuilds(factory, request);
  const id = `batch-${randomBytes(5).toString('hex')}`;
  const builds: string[] = [];
  for (const input of inputs) builds.push(await startBuild(factory, input, { batchId: id }));
  return { id, builds };
}

export async function prepareBuilds(factory: Factory, request: BatchRequest): Promise<readonly BuildInput[]> {
  const requests = (
    await Promise.all(request.templates.map((each) => ofTemplate(factory, request, each)))
  ).flat();
  if (requests.length > 0) return await Promise.all(requests.map((each) => prepareBuild(factory, each)));
  throw new FactoryError('invalid', 'Nothing is to be built: give at least one template');
}

async function ofTemplate(
  factory: Factory,
  request: BatchRequest,
  name: string,
): Promise<readonly BuildRequest[]> {
  const { templates: _, regions: wantedRegions, architectures, buildInEach, ...shared } = request;
  const template = await readTemplate(factory, { ...request, template: name });
  const target = await factory.targets.get(request.target ?? 'local');
  const offered = template.base.architectures;
  const wanted =
    architectures === undefined ? offered : offered.filter((each) => architectures.includes(each));
  const named = template.regions?.filter((each) => target.regions.includes(each)) ?? [];
  const [first, ...others] = wantedRegions ?? (named.length > 0 ? named : target.regions.slice(0, 1));
  return wanted.flatMap((architecture): readonly BuildRequest[] => {
    const build = { ...shared, template: name, architecture };
    if (buildInEach) return [first, ...others].map((region) => ({ ...build, region }));
    return [{ ...build, region: first, copyTo: others }];
  });
}
