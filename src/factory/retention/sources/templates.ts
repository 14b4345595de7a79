import { readFile } from 'node:fs/promises';
import type { Factory } from '../../factory.ts';
import { templateFiles } from '../../templates/find-template.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** Templates name images by id, to launch or to build on. Their text is looked at: one that is broken counts too. */
export function templatesOf({ directories }: Pick<Factory, 'directories'>): ReferenceSource {
  return async (_place, imageIds) => {
    const wanted = new Set(imageIds);
    const files = await templateFiles(directories.templates);
    const found = await Promise.all(
      files.map(async ({ slug, file }): Promise<readonly Reference[]> => {
        const named = new Set((await readFile(file, 'utf8')).match(/\bami-[0-9a-f]+\b/g) ?? []);
        const because = `the template ${slug} names it`;
        return [...named]
          .filter((imageId) => wanted.has(imageId))
          .map((imageId) => ({ imageId, kind: 'template', because }));
      }),
    );
    return found.flat();
  };
}
