/** A template's own file, then the one that it extends, and so on. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Problem, parseYaml, type YamlDocument } from '../../platform/yaml-document.ts';
import { findTemplate, slugOf, type TemplatePlaces } from './find-template.ts';
import { TemplateErrors } from './template-errors.ts';

export interface Layer {
  readonly slug: string;
  readonly file: string;
  readonly directory: string;
  readonly source: string;
  readonly document: YamlDocument;
}

/** The template first, its furthest parent last. A parent that can't be had is a problem at `extends`. */
export async function readLayers(
  file: string,
  places: TemplatePlaces & { readonly text?: string },
): Promise<{ readonly layers: readonly [Layer, ...Layer[]]; readonly problems: readonly Problem[] }> {
  const first = asLayer(file, places.text ?? (await readFile(file, 'utf8')));
  const layers: [Layer, ...Layer[]] = [first];
  const problems: Problem[] = [...first.document.problems];
  for (let child = first, parent = parentName(child); parent !== undefined; parent = parentName(child)) {
    try {
      const parentFile = await findTemplate(parent, { ...places, from: child.directory });
      const known = layers.findIndex((layer) => layer.file === parentFile);
      if (known >= 0) throw new TemplateErrors([circle([...layers.slice(known), layers[known] ?? first])]);
      const layer = asLayer(parentFile, await readFile(parentFile, 'utf8'));
      problems.push(...layer.document.problems);
      layers.push(layer);
      child = layer;
    } catch (error) {
      if (!(error instanceof TemplateErrors)) throw error;
      const { document } = child;
      problems.push(...error.problems.map(({ message }) => document.problem(['extends'], message)));
      break;
    }
  }
  return { layers, problems };
}

function parentName({ document }: Layer): string | undefined {
  const { value } = document;
  if (typeof value !== 'object' || value === null || !('extends' in value)) return undefined;
  return typeof value.extends === 'string' && value.extends !== '' ? value.extends : undefined;
}

function asLayer(file: string, source: string): Layer {
  return { slug: slugOf(file), file, directory: dirname(file), source, document: parseYaml(source, file) };
}

function circle(layers: readonly Layer[]): Problem {
  const way = layers.map(({ slug }) => slug).join(' → ');
  return {
    file: '',
    field: 'extends',
    message: `goes in a circle: ${way}. A template can't build on itself`,
  };
}
