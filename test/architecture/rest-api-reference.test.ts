import { expect, test } from 'vitest';
import { describeRestApi } from '../../scripts/generate-rest-api.ts';
import { read } from './tree.ts';

test('docs/reference/rest-api.md tells of every operation, as the OpenAPI document does', async () => {
  const page = read('docs/reference/rest-api.md');
  expect(page, 'write it anew: node scripts/generate-rest-api.ts').toBe(await describeRestApi());
});
