/** From what the files say to what a build uses: defaults filled in, fields by the code's names, a digest over all. */
import { createHash } from 'node:crypto';
import type { Architecture } from '../../platform/ids.ts';
import type { Problem } from '../../platform/yaml-document.ts';
import { resolveGoldenImage } from './golden-image.ts';
import { imagesOf, type Merged } from './merge.ts';
import type { ParametersInForce } from './parameters.ts';
import type { Layer } from './read-layers.ts';
import { resolveAmiConfig, resolveClean, resolveReadiness, resolveRetention } from './resolve-settings.ts';
import { resolveStep, resolveValidation } from './resolve-steps.ts';
import type { Template, TemplateBase } from './template.ts';

/** Adds what is wrong to `problems`; the answer is of use only where nothing is. */
export async function resolveTemplate(
  layers: readonly [Layer, ...Layer[]],
  merged: Merged,
  inForce: ParametersInForce,
  problems: Problem[],
): Promise<Template> {
  const { document } = merged;
  const [layer] = layers;
  const refuse = (field: string, message: string) =>
    problems.push(layer.document.problem(field === '' ? [] : [field], message));
  const resolveAll = (all: Merged['steps']) =>
    Promise.all(all.map((step) => resolveStep(step, inForce, problems)));
  const steps = await resolveAll(merged.steps);
  const firstBoot = await resolveAll(merged.firstBoot);
  const template = {
    slug: layer.slug,
    name: document.name,
    description: document.description ?? '',
    base: resolveBase(merged, refuse),
    ...(document.regions === undefined ? {} : { regions: document.regions }),
    steps: steps.map(({ step }) => step),
    firstBoot: firstBoot.map(({ step }) => step),
    validations: merged.validations.map((each) => resolveValidation(each, inForce, problems)),
    ports: document.ports ?? [],
    tags: document.tags ?? {},
    estimatedCostPerHour: definedOnly(document.estimated_cost_per_hour ?? {}),
    ...(document.readiness === undefined ? {} : { readiness: resolveReadiness(document.readiness, refuse) }),
    ...(document.golden_image === undefined || document.golden_image === false
      ? {}
      : { goldenImage: resolveGoldenImage(document.golden_image) }),
    clean: resolveClean(document.clean),
    ...(document.retention === undefined ? {} : { retention: resolveRetention(document.retention) }),
    ...(document.min_disk_size === undefined ? {} : { minDiskSizeGiB: document.min_disk_size }),
    parameters: inForce.values,
  };
  return {
    ...template,
    declarations: inForce.declarations,
    amiConfig: resolveAmiConfig(document),
    digest: digestOf(template),
    file: layer.file,
    directory: layer.directory,
    source: layer.source,
    reads: [
      ...new Set([
        ...layers.map(({ file }) => file),
        ...[...steps, ...firstBoot].flatMap(({ reads }) => reads),
      ]),
    ],
  };
}

function resolveBase(
  { document, savedImages }: Merged,
  refuse: (field: string, message: string) => void,
): TemplateBase {
  const { base, base_ami: given, source, original_instance, saved_from, saved_date } = document;
  if (base !== undefined && given?.source !== undefined) {
    refuse('base', 'a template has `base_ami` or `base: saved-instance`, not both');
  }
  if (base !== undefined) {
    const images = savedImages ?? imagesOf(document);
    const known = [...new Set(Object.values(images).flatMap((each) => Object.keys(each)))];
    const architectures = given?.architecture ?? (known as Architecture[]);
    if (architectures.length === 0) refuse('base', 'a saved template names its images in `ami_config.amis`');
    return {
      kind: 'saved-instance',
      source: source ?? 'saved-from-instance',
      ...(original_instance === undefined ? {} : { originalInstance: original_instance }),
      ...(saved_from === undefined ? {} : { savedFrom: saved_from }),
      ...(saved_date === undefined ? {} : { savedDate: saved_date }),
      images: Object.fromEntries(Object.entries(images).map(([region, each]) => [region, definedOnly(each)])),
      architectures: listed(architectures),
    };
  }
  if (given?.source === undefined) {
    refuse('base_ami', 'is missing: `base_ami.source` names what to start from, such as debian-12 or tiny');
  }
  const image = given?.source ?? '';
  return {
    kind: /^ami-[0-9a-f]{8,17}$/.test(image) ? 'image' : 'alias',
    source: image,
    architectures: listed(given?.architecture ?? 'x86_64'),
  };
}

function listed(given: Architecture | readonly Architecture[]): readonly Architecture[] {
  return [...new Set(typeof given === 'string' ? [given] : given)];
}

function definedOnly<T>(
  given: Readonly<Partial<Record<Architecture, T | undefined>>>,
): Partial<Record<Architecture, T>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Where things lie on this machine isn't what they are. */
const places = new Set(['file', 'line', 'source']);

type Built = Omit<
  Template,
  'declarations' | 'amiConfig' | 'digest' | 'file' | 'directory' | 'source' | 'reads'
>;

function digestOf(template: Built): string {
  const { base, steps, firstBoot, ...rest } = template;
  const placeless = (all: Built['steps']) =>
    all.map(({ files, secrets, ...step }) => ({
      ...without(step, places),
      files: files.map((file) => without(file, places)),
      secrets: secrets.map(({ name }) => name),
    }));
  return createHash('sha256')
    .update(
      canonicalJson({
        ...rest,
        base,
        steps: placeless(steps),
        ...(firstBoot.length === 0 ? {} : { firstBoot: placeless(firstBoot) }),
      }),
    )
    .digest('hex');
}

function without(value: object, keys: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
}

/** The same text for the same data, whatever the order of its keys. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
