/** Which rules count for an image: those given for this cleanup, else the configuration's, else its template's own. */
import type { Factory } from '../factory.ts';
import { loadTemplate } from '../templates/load-template.ts';
import { TemplateErrors } from '../templates/template-errors.ts';
import type { ManagedImage } from './managed-image.ts';
import { hasRules, type RetentionRules } from './rules.ts';

type RulesOf = (image: Pick<ManagedImage, 'template'>) => RetentionRules | undefined;

const everyTemplate = '*';

export async function rulesFor(
  factory: Pick<Factory, 'db' | 'directories' | 'retention'>,
  given: RetentionRules,
): Promise<RulesOf> {
  if (hasRules(given)) return () => given;
  const { rules: configured } = factory.retention;
  const own = new Map<string, RetentionRules>();
  for (const slug of await registeredTemplates(factory)) {
    const rules = configured[slug] ?? (await retentionOf(factory, slug));
    if (rules !== undefined) own.set(slug, rules);
  }
  return ({ template }) => own.get(template) ?? configured[template] ?? configured[everyTemplate];
}

/** A template that is gone, or can't be read, has no rules of its own. */
async function retentionOf(
  { directories }: Pick<Factory, 'directories'>,
  slug: string,
): Promise<RetentionRules | undefined> {
  try {
    return (await loadTemplate(slug, { directories: directories.templates, examples: true })).retention;
  } catch (error) {
    if (error instanceof TemplateErrors) return undefined;
    throw error;
  }
}

async function registeredTemplates({ db }: Pick<Factory, 'db'>): Promise<readonly string[]> {
  const rows = await db.read.selectFrom('versions').select('template').distinct().execute();
  return rows.map((row) => row.template);
}
