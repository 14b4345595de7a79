/** The template whose version the image becomes: one that was saved before, one that builds, or a new one. */
import { join } from 'node:path';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { templateFiles } from '../templates/find-template.ts';
import { loadTemplate } from '../templates/load-template.ts';
import type { Template } from '../templates/template.ts';
import { TemplateErrors } from '../templates/template-errors.ts';
import type { CreationRequest } from './creation.ts';
import type { CreationInput, RegisteredAs } from './creation-input.ts';

export interface TemplateForCreation {
  readonly template: CreationInput['template'];
  readonly registered: RegisteredAs;
  /** Where there is one already. */
  readonly known?: Template;
}

const slugForm = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** Throws where a save would take a template's place that somebody wrote. */
export async function templateForCreation(
  { directories }: Pick<Factory, 'directories'>,
  slug: string,
  kind: CreationRequest['kind'],
): Promise<TemplateForCreation> {
  if (!slugForm.test(slug)) {
    throw new FactoryError(
      'invalid',
      `'${slug}' can't be a template's name: letters, digits, dots and dashes, a letter or digit first, 63 at most`,
    );
  }
  const [own = ''] = directories.templates;
  const file = (await templateFiles(directories.templates)).find((each) => each.slug === slug)?.file;
  if (file === undefined) {
    const templateFile = join(own, `${slug}.yml`);
    return { template: { slug, validations: [] }, registered: { writesTemplate: true, templateFile } };
  }
  const known = await load(file, directories.templates);
  const template = { slug, validations: known.validations };
  if (known.base.kind === 'saved-instance' && known.steps.length === 0) {
    return { template, registered: { writesTemplate: true, templateFile: file }, known };
  }
  if (kind !== 'save') return { template, registered: { writesTemplate: false, templateFile: file }, known };
  throw new FactoryError(
    'conflict',
    `${slug} is a template that builds (${file}), and a save would take its place. Save under another name, ` +
      `or make a version of it: ingot ami create INSTANCE --name NAME --template ${slug}`,
  );
}

async function load(file: string, directories: readonly string[]): Promise<Template> {
  try {
    return await loadTemplate(file, { directories, examples: true });
  } catch (error) {
    if (error instanceof TemplateErrors) throw new FactoryError('invalid', error.message, { cause: error });
    throw error;
  }
}
