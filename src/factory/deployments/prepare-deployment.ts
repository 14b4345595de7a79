/** From what somebody asks for to a deployment's input: what can be wrong is refused here, before anything is made. */
import type { Architecture } from '../../platform/ids.ts';
import { architectureOf, onImage, readTemplate, regionOf } from '../builds/prepare-build.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { instanceType } from '../launches/sizes.ts';
import type { GivenParameters } from '../templates/parameters.ts';
import type { Template } from '../templates/template.ts';
import type { App, DeploymentInput } from './deployment.ts';

export interface DeploymentRequest {
  /** A template's slug, or a path relative to `from`. */
  readonly app: string;
  /** The folder of whoever asks: absolute. */
  readonly from?: string | undefined;
  readonly version: string;
  readonly mode?: string | undefined;
  readonly name?: string | undefined;
  readonly parameters?: GivenParameters | undefined;
  /** `local` unless told. */
  readonly target?: string | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  /** A size or an instance type; the target's for builds unless told. */
  readonly size?: string | undefined;
  /** Base64. */
  readonly userData?: string | undefined;
  readonly authorizedKey?: string | undefined;
  /** An IPv4 range; everybody unless told. */
  readonly openTo?: string | undefined;
  readonly fresh?: boolean | undefined;
}

export async function prepareDeployment(
  factory: Factory,
  request: DeploymentRequest,
): Promise<DeploymentInput> {
  const { version } = request;
  const given = await givenParameters(factory, request);
  const template = await readTemplate(factory, { ...request, template: request.app, parameters: given });
  const target = await factory.targets.get(request.target ?? 'local');
  const region = regionOf(
    target,
    request.region ?? template.regions?.find((each) => target.regions.includes(each)),
  );
  const architecture = architectureOf(template, target, request.architecture);
  for (const each of template.goldenImage?.regions ?? []) regionOf(target, each);
  // A template that knows modes has one in force, given or not.
  const { mode = template.parameters.mode } = request;
  return {
    template: appOf(onImage(template, region, architecture)),
    setUpSteps: template.steps.length,
    ...(template.goldenImage === undefined ? {} : { goldenImage: template.goldenImage }),
    given,
    name: request.name ?? `${template.slug}-${version}`,
    version,
    ...(mode === undefined || mode === '' ? {} : { mode: String(mode) }),
    target: target.name,
    region,
    architecture,
    instanceType:
      request.size === undefined
        ? target.builder.instanceType[architecture]
        : instanceType(target, request.size, architecture),
    ...(request.userData === undefined ? {} : { userData: request.userData }),
    ...(request.authorizedKey === undefined ? {} : { authorizedKey: request.authorizedKey.trim() }),
    openTo: request.openTo ?? '0.0.0.0/0',
    fresh: request.fresh ?? false,
    createdAt: factory.now().toISOString(),
    cache: { use: false },
  };
}

/** `version` and `mode` are parameters too, where the template declares them: so its set-up knows them. */
async function givenParameters(
  factory: Factory,
  { app, from, version, mode, parameters = {} }: DeploymentRequest,
): Promise<GivenParameters> {
  const { declarations } = await readTemplate(factory, { template: app, from, examples: true });
  const own = { version, ...(mode === undefined ? {} : { mode }) };
  const declared = Object.entries(own).filter(([name]) => declarations.some((each) => each.name === name));
  return { ...Object.fromEntries(declared), ...parameters };
}

function appOf(template: Template): App {
  const { slug, readiness, steps, firstBoot } = template;
  if (readiness !== undefined) return { ...template, readiness, steps: [...steps, ...firstBoot] };
  throw new FactoryError(
    'invalid',
    `${slug} can't be deployed: it does not say when it is ready. ` +
      'Give its template `readiness` with http, tcp or command; ingot launch starts a machine without one',
  );
}
