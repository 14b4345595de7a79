/** A real app: nginx from Debian's packages, ready by its login page over HTTPS, with both times. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../architecture/tree.ts';
import { type CloudHome, openCloudHome } from '../cloud-home.ts';
import { deleteAt, deployAt } from './deployed.ts';

let home: CloudHome;

beforeEach(async () => {
  home = await openCloudHome();
});

afterEach(async ({ task }) => {
  await home.close({ keep: task.result?.state === 'fail' });
});

test('a login page over HTTPS on Debian is deployed, imaged, and deployed again from its image', async () => {
  await home.addBase('debian-12');
  const app = join(root, 'templates', 'login-page.yml');
  const first = await deployAt(home.context, { app, version: 'v1', job_name: 'first', size: 'S' });
  expect(first).toMatchObject({ status: 'ready', use_cached_ami: false, ami_creation_status: 'completed' });
  await deleteAt(home.context, first.id);
  const second = await deployAt(home.context, { app, version: 'v1', job_name: 'second', size: 'S' });
  expect(second).toMatchObject({
    status: 'ready',
    use_cached_ami: true,
    ami_id: first.created_ami_id,
    fresh_seconds: first.ready_seconds,
  });
  expect(second.saved_seconds).toBeGreaterThan(0);
  process.stderr.write(`fresh: ${first.ready_seconds} s; from the image: ${second.ready_seconds} s\n`);
  await deleteAt(home.context, second.id);
});
