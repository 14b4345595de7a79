import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFacts } from '../../platform/package-facts.ts';
import { listTemplates } from './load-template.ts';
import { TemplateErrors } from './template-errors.ts';

test('every template that ships can be read, is named, described and checked', async () => {
  const listed = await listTemplates({ directories: [join(packageFacts().root, 'templates')] });
  expect(listed.map(({ slug }) => slug)).toEqual([
    'login-page',
    'python-research',
    'r-research',
    'tiny-hello',
    'web-server',
  ]);
  for (const { template } of listed) {
    if (template instanceof TemplateErrors) throw template;
    expect(template.description).not.toBe('');
    expect(template.validations.length).toBeGreaterThan(0);
  }
});
