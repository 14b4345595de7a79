/** Every measurement can be made: each is tried with few rounds, and nothing is kept of it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { files, root } from '../architecture/tree.ts';

const run = promisify(execFile);
const measurements = files.filter((file) => file.endsWith('.bench.ts'));

test.each(measurements)('%s ends with its tables', async (file) => {
  const { stdout } = await run(process.execPath, [join(root, file), '--quick']);
  expect(stdout).toMatch(/^\|(---\|)+$/m);
});
