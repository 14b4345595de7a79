import type { Factory } from '../../factory.ts';
import { listTemplates } from '../../templates/load-template.ts';
import { templatePlaces } from '../../templates/places.ts';
import { TemplateErrors } from '../../templates/template-errors.ts';
import type { Reference, ReferenceSource } from '../references.ts';

/** Templates name images by id: those that a launch takes, and the one that a build starts from. */
export function templatesOf({ directories }: Pick<Factory, 'directories'>): ReferenceSource {
  return async ({ region }, imageIds) => {
    const wanted = new Set(imageIds);
    const listed = await listTemplates(templatePlaces(directories.templates));
    return listed.flatMap(({ slug, template }): readonly Reference[] => {
      if (template instanceof TemplateErrors) return [];
      const { amiConfig, base } = template;
      const launched = Object.values(amiConfig.amis[region] ?? {}).map((imageId) => ({
        imageId,
        because: `the template ${slug} launches it`,
      }));
      const built =
        base.kind === 'image'
          ? [{ imageId: base.source, because: `the template ${slug} is built on it` }]
          : [];
      return [...launched, ...built]
        .filter(({ imageId }) => wanted.has(imageId))
        .map((each) => ({ ...each, kind: 'template' }));
    });
  };
}
