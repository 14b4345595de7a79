/** From what somebody asks for to a build's input: everything that can be wrong is refused here, before anything is made. */
import { join } from 'node:path';
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import { baseSource } from '../templates/base-source.ts';
import { type LoadOptions, loadTemplate } from '../templates/load-template.ts';
import type { GivenParameters } from '../templates/parameters.ts';
import type { Template } from '../templates/template.ts';
import { TemplateErrors } from '../templates/template-errors.ts';
import type { BuildInput, Sharing } from './build.ts';
import { buildVersion } from './build-version.ts';
import { imageNameOf } from './image-name.ts';

export interface BuildRequest {
  /** A slug, or a path relative to `from`. */
  readonly template: string;
  /** The folder of whoever asks: absolute. */
  readonly from?: string | undefined;
  readonly parameters?: GivenParameters | undefined;
  /** `local` unless told. */
  readonly target?: string | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly version?: string | undefined;
  readonly imageName?: string | undefined;
  readonly onFailure?: BuildInput['onFailure'] | undefined;
  /** On unless told, and off on AWS. */
  readonly cache?: boolean | undefined;
  readonly fromStep?: string | undefined;
  readonly copyTo?: readonly string[] | undefined;
  readonly share?: Sharing | undefined;
}

export async function prepareBuild(factory: Factory, request: BuildRequest): Promise<BuildInput> {
  const template = await readTemplate(factory, request);
  const target = await factory.targets.get(request.target ?? 'local');
  const region = regionOf(
    target,
    request.region ?? template.regions?.find((each) => target.regions.includes(each)),
  );
  const architecture = architectureOf(template, target, request.architecture);
  const copyTo = [...new Set(request.copyTo ?? [])].filter((each) => each !== region);
  for (const each of copyTo) regionOf(target, each);
  checkStep(template, request.fromStep);
  const now = factory.now();
  const regions = [region, ...copyTo];
  const { slug, directory } = template;
  const places = { template: slug, directory, target: target.name, architecture, regions };
  const version = await buildVersion(factory, places, request.version);
  return {
    template: onImage(template, region, architecture),
    given: request.parameters ?? {},
    target: target.name,
    region,
    architecture,
    version,
    imageName: request.imageName ?? imageNameOf({ slug: template.slug, version, architecture, now }),
    createdAt: now.toISOString(),
    onFailure: request.onFailure ?? 'remove',
    cache: {
      use: request.cache ?? target.kind !== 'aws',
      ...(request.fromStep === undefined ? {} : { fromStep: request.fromStep }),
    },
    copyTo,
    share: request.share ?? { accounts: [], public: false },
  };
}

/** The folders of the home, of whoever asks, and of Ingot. */
export async function readTemplate(
  factory: Pick<Factory, 'directories'>,
  request: Pick<BuildRequest, 'template' | 'from' | 'parameters'> & Pick<LoadOptions, 'examples'>,
): Promise<Template> {
  const { from, parameters, examples = false } = request;
  const [own, ...shipped] = factory.directories.templates;
  const directories = [own, from === undefined ? undefined : join(from, 'templates'), ...shipped];
  try {
    return await loadTemplate(request.template, {
      directories: directories.filter((each) => each !== undefined),
      examples,
      ...(from === undefined ? {} : { from }),
      ...(parameters === undefined ? {} : { parameters }),
    });
  } catch (error) {
    if (error instanceof TemplateErrors) throw new FactoryError('invalid', error.message, { cause: error });
    throw error;
  }
}

export function regionOf(target: Target, given: string | undefined): string {
  const region = given ?? target.regions[0] ?? '';
  if (target.regions.includes(region)) return region;
  throw new FactoryError(
    'invalid',
    `The target ${target.name} has no region '${region}'; it has ${target.regions.join(', ')}`,
  );
}

export function architectureOf(
  template: Template,
  target: Target,
  given: Architecture | undefined,
): Architecture {
  if (template.base.kind === 'saved-instance' && template.steps.length === 0) {
    throw new FactoryError(
      'invalid',
      `${template.slug} was saved from a machine and has no steps, so there is nothing to build; ` +
        'ingot launch takes its image, and a template that extends it builds on it',
    );
  }
  const offered = template.base.architectures;
  if (given === undefined) {
    const host: Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const [first = host] = offered;
    return target.kind === 'local' && offered.includes(host) ? host : first;
  }
  if (offered.includes(given)) return given;
  throw new FactoryError('invalid', `${template.slug} is for ${offered.join(' and ')}, not for ${given}`);
}

/** What extends a saved template starts from the image that was saved there. */
export function onImage(template: Template, region: string, architecture: Architecture): Template {
  const { base } = template;
  if (base.kind !== 'saved-instance') return template;
  const source = baseSource(template, region, architecture);
  return { ...template, base: { kind: 'image', source, architectures: base.architectures } };
}

function checkStep({ slug, steps }: Template, name: string | undefined): void {
  if (name === undefined || steps.some((step) => step.name === name)) return;
  const names = steps.map((step) => `'${step.name}'`).join(', ');
  throw new FactoryError('invalid', `${slug} has no step '${name}'; its steps are ${names}`);
}
