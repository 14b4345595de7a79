/** A copy of a template that comes with Ingot, whose last step can be changed. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const shipped = join(import.meta.dirname, '..', '..', 'templates');

export interface ShippedTemplate {
  /** Its path. */
  readonly file: string;
  readonly steps: number;
  changeLastStep(): Promise<void>;
}

export async function copyShippedTemplate(name: string, folder: string): Promise<ShippedTemplate> {
  await cp(shipped, folder, { recursive: true });
  const file = join(folder, `${name}.yml`);
  const document = parseDocument(await readFile(file, 'utf8'));
  const { steps } = document.toJS() as { readonly steps: readonly { readonly run: string }[] };
  const last = steps.length - 1;
  return {
    file,
    steps: steps.length,
    changeLastStep: async () => {
      document.setIn(['steps', last, 'run'], `${steps[last]?.run}\necho changed\n`);
      await writeFile(file, document.toString());
    },
  };
}
