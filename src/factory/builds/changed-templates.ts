/** Which templates a change in a repository touches: by their own files, those they extend, and all they read. */
import { join } from 'node:path';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { findTemplate, templateFiles } from '../templates/find-template.ts';
import { loadTemplate } from '../templates/load-template.ts';
import { filesChangedSince } from '../versions/git-description.ts';

export interface ChangeQuestion {
  /** The folder of whoever asks: its repository, and its `templates/`. */
  readonly from: string;
  readonly since: string;
  /** Those of the folder unless told. */
  readonly templates?: readonly string[] | undefined;
}

/** Their paths. A template that can't be read any more throws: it changed too. */
export async function changedTemplates(
  factory: Pick<Factory, 'directories'>,
  { from, since, templates }: ChangeQuestion,
): Promise<readonly string[]> {
  const changed = await filesChangedSince(from, since).catch((error: Error) => {
    throw new FactoryError('invalid', error.message, { cause: error });
  });
  const places = { directories: [join(from, 'templates'), ...factory.directories.templates], from };
  const files =
    templates === undefined
      ? (await templateFiles(places.directories.slice(0, 1))).map(({ file }) => file)
      : await Promise.all(templates.map((each) => findTemplate(each, places)));
  const touched = await Promise.all(
    files.map(async (file) => {
      const { reads } = await loadTemplate(file, { ...places, examples: true });
      return reads.some((each) => changed.has(each));
    }),
  );
  return files.filter((_, at) => touched[at]);
}
