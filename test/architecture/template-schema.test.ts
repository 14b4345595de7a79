/**
 * docs/reference/template.schema.json is the schema that templates are read with. To write it anew:
 * `npx vitest run --project unit template-schema -u`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { templateJsonSchema } from '../../src/factory/templates/json-schema.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'template.schema.json');

test('docs/reference/template.schema.json says what a template may hold', async () => {
  await expect(`${JSON.stringify(templateJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});

interface Field {
  readonly properties?: Readonly<Record<string, Field>>;
  readonly items?: Field;
  readonly additionalProperties?: Field | false;
  readonly anyOf?: readonly Field[];
}

function names({ properties = {}, items, additionalProperties, anyOf = [] }: Field): readonly string[] {
  const inside = [items, additionalProperties || undefined, ...anyOf, ...Object.values(properties)];
  return [
    ...Object.keys(properties),
    ...inside.flatMap((field) => (field === undefined ? [] : names(field))),
  ];
}

test('docs/reference/template.md tells every field', async () => {
  const page = await readFile(
    join(import.meta.dirname, '..', '..', 'docs', 'reference', 'template.md'),
    'utf8',
  );
  const fields = new Set(names(templateJsonSchema() as Field));
  expect(fields.size).toBeGreaterThan(60);
  expect([...fields].filter((field) => !new RegExp(`\\b${field}\\b`).test(page))).toEqual([]);
});
