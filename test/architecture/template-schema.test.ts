/**
 * docs/reference/template.schema.json is the schema that templates are read with. To write it anew:
 * `npx vitest run --project unit template-schema -u`.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { templateJsonSchema } from '../../src/factory/templates/json-schema.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'template.schema.json');

test('docs/reference/template.schema.json says what a template may hold', async () => {
  await expect(`${JSON.stringify(templateJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});
