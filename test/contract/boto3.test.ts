import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudRig, startCloud } from './cloud-rig.ts';

const run = promisify(execFile);

let rig: CloudRig;
beforeAll(async () => {
  rig = await startCloud();
});
afterAll(() => rig.close());

it('boto3 launches from a template, images, waits, pages and cleans up', async () => {
  const script = join(import.meta.dirname, 'boto3-flow.py');
  const { stdout } = await run('/usr/bin/python3', [script, rig.gateway.endpoint, rig.cloud.baseImageId], {
    env: rig.environment,
  });
  expect(stdout.trim()).toBe('done');
});
