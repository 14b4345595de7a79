/** A template by slug or path: read, checked, resolved. */
import { resolve } from 'node:path';
import type { Problem } from '../../platform/yaml-document.ts';
import { checkDocument } from '../../platform/yaml-document.ts';
import { findTemplate, slugOf, type TemplatePlaces, templateFiles } from './find-template.ts';
import { asMerged, type Merged, mergeOver, nameTwice } from './merge.ts';
import { type GivenParameters, type ParametersInForce, resolveParameters } from './parameters.ts';
import { type Layer, readLayers } from './read-layers.ts';
import { resolveTemplate } from './resolve-template.ts';
import { templateSchema } from './schema.ts';
import { substitute } from './substitute.ts';
import type { Template } from './template.ts';
import { refuse, TemplateErrors } from './template-errors.ts';

export interface LoadOptions extends TemplatePlaces {
  readonly parameters?: GivenParameters;
  /** Required parameters that have no value take an example: to look at a template, not to build it. */
  readonly examples?: boolean;
  /** The template itself, which then is no file: the name says where it would be, beside the files that it needs. */
  readonly text?: string;
}

/** Throws `TemplateErrors` with everything that is wrong, in the template and in those that it extends. */
export async function loadTemplate(nameOrPath: string, options: LoadOptions): Promise<Template> {
  const { parameters = {}, examples = false } = options;
  const { from = '/', text } = options;
  const file = text === undefined ? await findTemplate(nameOrPath, options) : resolve(from, nameOrPath);
  const read = await readLayers(file, options);
  const problems: Problem[] = [...read.problems];
  const resolved = resolveParameters(read.layers, parameters, { examples });
  problems.push(...resolved.problems);
  const merged = mergedLayers(read.layers, resolved.inForce, problems);
  if (merged === undefined) {
    refuse(problems);
    throw new TemplateErrors(problems);
  }
  const template = await resolveTemplate(read.layers, merged, resolved.inForce, problems);
  refuse(problems);
  return template;
}

export interface ListedTemplate {
  readonly slug: string;
  readonly file: string;
  /** Where it can't be read: why. */
  readonly template: Template | TemplateErrors;
}

export async function listTemplates(places: TemplatePlaces): Promise<readonly ListedTemplate[]> {
  const files = await templateFiles(places.directories);
  return await Promise.all(
    files.map(async ({ slug, file }) => {
      const template = await loadTemplate(file, { ...places, examples: true }).catch((error: unknown) => {
        if (error instanceof TemplateErrors) return error;
        throw error;
      });
      return { slug, file, template };
    }),
  );
}

/** Undefined where one of the files breaks the schema: then nothing more can be said of the whole. */
function mergedLayers(
  layers: readonly Layer[],
  inForce: ParametersInForce,
  problems: Problem[],
): Merged | undefined {
  let merged: Merged | undefined;
  let whole = true;
  for (const layer of layers.toReversed()) {
    if (layer.document.problems.length > 0) {
      whole = false;
      continue;
    }
    if (!/^[a-z0-9][a-z0-9._-]*$/i.test(slugOf(layer.file))) {
      problems.push(
        layer.document.problem([], 'the file must be named in letters, digits and dashes: that is the slug'),
      );
    }
    const filled = substitute(layer.document, inForce);
    const checked = checkDocument(layer.document, templateSchema, filled.value);
    const unfilled = new Set(filled.problems.map(({ field }) => field));
    const broken = 'problems' in checked ? checked.problems : [];
    problems.push(...filled.problems, ...broken.filter(({ field }) => !unfilled.has(field)));
    if ('problems' in checked) {
      whole = false;
      continue;
    }
    const own = asMerged(layer, checked.data);
    problems.push(...nameTwice([...own.steps, ...own.firstBoot]), ...nameTwice(own.validations));
    merged = merged === undefined ? own : mergeOver(merged, own);
  }
  return whole ? merged : undefined;
}
