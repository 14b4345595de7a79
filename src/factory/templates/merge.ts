/**
 * A template over its parent. One value replaces another; maps are joined key by key; steps and validations follow the
 * parent's, and one with the same name takes the parent's place; ports are joined.
 */
import type { Path, Problem } from '../../platform/yaml-document.ts';
import type { Layer } from './read-layers.ts';
import type { TemplateDocument } from './schema.ts';

type Step = NonNullable<TemplateDocument['steps']>[number];
type Validation = NonNullable<TemplateDocument['validation_tests']>[number];
type SavedImages = NonNullable<NonNullable<TemplateDocument['ami_config']>['amis']>;

/** Something of a template, with where it stands: paths in it are relative to that template's folder. */
export interface Placed<T> {
  readonly value: T;
  readonly layer: Layer;
  readonly path: Path;
}

export interface Merged {
  readonly document: Omit<TemplateDocument, 'steps' | 'setup_script' | 'first_boot' | 'validation_tests'>;
  readonly steps: readonly Placed<Step>[];
  readonly firstBoot: readonly Placed<Step>[];
  readonly validations: readonly Placed<Validation>[];
  /** Of the saved template that this is, or that it extends: its images are where a build starts. */
  readonly savedImages: SavedImages | undefined;
}

export function asMerged(layer: Layer, document: TemplateDocument): Merged {
  const { setup_script, steps = [], first_boot = [], validation_tests = [], ...rest } = document;
  const setup: readonly Placed<Step>[] =
    setup_script === undefined
      ? []
      : [{ value: { name: `setup-${layer.slug}`, run: setup_script }, layer, path: ['setup_script'] }];
  return {
    document: rest,
    steps: [...setup, ...steps.map((value, index) => ({ value, layer, path: ['steps', index] }))],
    firstBoot: first_boot.map((value, index) => ({ value, layer, path: ['first_boot', index] })),
    validations: validation_tests.map((value, index) => ({
      value,
      layer,
      path: ['validation_tests', index],
    })),
    savedImages: document.base === undefined ? undefined : imagesOf(document),
  };
}

export function mergeOver(parent: Merged, child: Merged): Merged {
  const { document } = child;
  const ownBase = document.base !== undefined || document.base_ami?.source !== undefined;
  const inherited = forChild(parent.document, ownBase);
  return {
    document: {
      ...joinMaps(inherited, document),
      ...(document.ports === undefined && inherited.ports === undefined
        ? {}
        : { ports: [...new Set([...(inherited.ports ?? []), ...(document.ports ?? [])])] }),
    },
    steps: joinByName(parent.steps, child.steps),
    firstBoot: joinByName(parent.firstBoot, child.firstBoot),
    validations: joinByName(parent.validations, child.validations),
    savedImages: child.savedImages ?? (ownBase ? undefined : parent.savedImages),
  };
}

/** Two in one file that have one name. */
export function nameTwice(placed: readonly Placed<{ readonly name: string }>[]): readonly Problem[] {
  return placed.flatMap(({ value, layer, path }, at) =>
    placed.findIndex((other) => other.value.name === value.name) === at
      ? []
      : [layer.document.problem([...path, 'name'], `'${value.name}' is here twice; names are unique`)],
  );
}

export function imagesOf({ ami_config: config }: Pick<TemplateDocument, 'ami_config'>): SavedImages {
  return joinMaps(config?.ami_mappings ?? {}, config?.amis ?? {});
}

/** A parent's own images aren't its child's, and where it was saved from isn't either. */
function forChild(parent: Merged['document'], ownBase: boolean): Merged['document'] {
  const { extends: _, original_instance, saved_from, saved_date, source, ami_config, ...kept } = parent;
  const { base, base_ami, ...baseless } = kept;
  const { amis, ami_mappings, ...howToFind } = ami_config ?? {};
  const saved = {
    ...(base === undefined ? {} : { base }),
    ...(source === undefined ? {} : { source }),
    ...(original_instance === undefined ? {} : { original_instance }),
    ...(saved_from === undefined ? {} : { saved_from }),
    ...(saved_date === undefined ? {} : { saved_date }),
  };
  return {
    ...baseless,
    ...(ownBase ? {} : saved),
    ...(base_ami === undefined ? {} : { base_ami }),
    ...(ami_config === undefined ? {} : { ami_config: howToFind }),
  };
}

function joinByName<T extends { readonly name: string }>(
  parent: readonly Placed<T>[],
  child: readonly Placed<T>[],
): readonly Placed<T>[] {
  const named = new Map(child.map((each) => [each.value.name, each]));
  const isParents = new Set(parent.map(({ value }) => value.name));
  return [
    ...parent.map((each) => named.get(each.value.name) ?? each),
    ...child.filter(({ value }) => !isParents.has(value.name)),
  ];
}

function joinMaps<T extends object>(parent: T, child: T): T {
  const joined: Record<string, unknown> = { ...(parent as Readonly<Record<string, unknown>>) };
  for (const [key, value] of Object.entries(child)) {
    const below = joined[key];
    joined[key] = isMap(below) && isMap(value) ? joinMaps(below, value) : (value ?? below);
  }
  return joined as T;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
