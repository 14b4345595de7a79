import { expect, test } from 'vitest';
import { describeCoverage } from '../../scripts/generate-ec2-coverage.ts';
import { operationNames } from '../../src/cloud/operations.ts';
import { read } from './tree.ts';

test('docs/reference/ec2-coverage.md lists exactly the operations served', () => {
  const page = read('docs/reference/ec2-coverage.md');
  expect(page, 'write it anew: node scripts/generate-ec2-coverage.ts').toBe(describeCoverage(operationNames));
});
