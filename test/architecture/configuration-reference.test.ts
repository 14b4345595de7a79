/** docs/reference/configuration.md says what the schema says. To write it anew: `npx vitest run --project unit -u configuration`. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { settingsSchema } from '../../src/platform/config.ts';

interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Field>>;
}

const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'configuration.md');

const introduction = `# Configuration

A home (\`$INGOT_HOME\`, \`~/.ingot\` where it isn't set) may hold a \`config.yaml\`. It is read when the server starts.
A field that isn't in this table is refused, with its line and the nearest known name. For the port, \`--port\` comes
first, then \`INGOT_PORT\`, then the file.

| field | default | what it is |
|---|---|---|
`;

function rows(fields: Readonly<Record<string, Field>>, prefix = ''): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.type === 'object' && field.properties !== undefined)
      return rows(field.properties, `${prefix}${name}.`);
    const standard = field.default === undefined ? 'none' : `\`${JSON.stringify(field.default)}\``;
    const choice =
      field.enum === undefined ? '' : ` One of ${field.enum.map((value) => `\`${value}\``).join(', ')}.`;
    return [`| \`${prefix}${name}\` | ${standard} | ${field.description ?? ''}${choice} |`];
  });
}

test('docs/reference/configuration.md lists every field with its default', async () => {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Field;
  await expect(`${introduction}${rows(schema.properties ?? {}).join('\n')}\n`).toMatchFileSnapshot(file);
});
