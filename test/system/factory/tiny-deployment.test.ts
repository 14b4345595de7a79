/** A deployment on real machines: its image is read as the bytes on its disk, and the next deployment starts from it. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../architecture/tree.ts';
import { type CloudHome, openCloudHome } from '../cloud-home.ts';
import { deleteAt, deployAt } from './deployed.ts';

/** Root has these in its path, others not. */
const tools = { PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${join(root, 'node_modules', '.bin')}` };

let home: CloudHome;

beforeEach(async () => {
  home = await openCloudHome();
});

afterEach(async ({ task }) => {
  await home.close({ keep: task.result?.state === 'fail' });
});

const template = `
name: Shop
base_ami: {source: tiny, architecture: x86_64}
parameters:
  token: {secret: true}
steps:
  - name: web server
    run: |
      mkdir -p /srv/www
      echo '<h1>Login</h1>' > /srv/www/index.html
      echo '::respawn:/bin/busybox httpd -f -p 80 -h /srv/www' >> /etc/inittab
      kill -HUP 1
first_boot:
  - name: environment
    run: |
      umask 077
      echo "TOKEN=$token" > /etc/shop.env
      echo "login --password typed-by-hand-4711" > /home/ec2-user/.ash_history
      echo "login --password typed-by-hand-4711" > /root/.ash_history
clean: {paths: [/etc/shop.env]}
validation_tests:
  - {name: the page is there, command: cat /srv/www/index.html, expected_contains: Login}
ports: [80]
readiness: {http: {port: 80, contains: login}, tcp: {port: 80}, interval: 1s}
golden_image: {delay: 0s}
`;

const secrets = ['secret-of-the-app-0815', 'key-in-user-data-1234', 'typed-by-hand-4711'];

test('the image of a real deployment has no secret, no host key and no user data, and the next one starts from it', {
  timeout: 900_000,
}, async () => {
  await home.addBase('tiny');
  const app = join(home.folder, 'shop.yml');
  const token = join(home.folder, 'token');
  await writeFile(app, template);
  await writeFile(token, `${secrets[0]}\n`);
  const userData = Buffer.from(`#!/bin/sh\necho ${secrets[1]} > /run/key\n`).toString('base64');
  const request = { app, version: 'v1', parameters: { token: `@${token}` }, user_data: userData };

  const first = await deployAt(home.context, { ...request, job_name: 'first' });
  expect(first).toMatchObject({ status: 'ready', use_cached_ami: false, ami_creation_status: 'completed' });
  expect(await deleteAt(home.context, first.id)).toMatchObject({ status: 'deleted' });

  const disk = join(home.folder, 'disk.raw');
  // The server is in this process: it must be able to answer meanwhile.
  await promisify(execFile)(
    join(root, 'bin', 'ingot'),
    ['image', 'export', first.created_ami_id ?? '', disk],
    {
      env: { ...tools, INGOT_HOME: home.folder },
    },
  );
  const tree = join(home.folder, 'tree');
  await mkdir(tree);
  readTree(disk, tree);
  const files = await readdir(tree, { recursive: true });
  // What was read is the disk of that machine.
  expect(await readFile(join(tree, 'srv/www/index.html'), 'utf8')).toContain('Login');
  const unwanted = /(host_key|authorized_keys|_history|shop\.env|user-data-of|ingot\/user-data|instance-id)$/;
  expect(files.filter((file) => unwanted.test(file) && !file.startsWith('usr/'))).toEqual([]);
  expect(await readFile(join(tree, 'etc/machine-id'), 'utf8')).toBe('');
  // Deleted files too: not one byte of them is left on the disk.
  const bytes = await readFile(disk);
  expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
  expect(bytes.includes('Login</h1>')).toBe(true);

  const second = await deployAt(home.context, { ...request, job_name: 'second' });
  expect(second).toMatchObject({
    status: 'ready',
    ami_id: first.created_ami_id,
    use_cached_ami: true,
    ami_creation_status: 'skipped',
    fresh_seconds: first.ready_seconds,
  });
  expect(await deleteAt(home.context, second.id)).toMatchObject({ status: 'deleted' });
});

/** The root file system, as whoever mounts the disk sees it. */
function readTree(disk: string, into: string): void {
  const { partitiontable } = JSON.parse(
    execFileSync('sfdisk', ['--json', disk], { env: tools, encoding: 'utf8' }),
  ) as { partitiontable: { partitions: { name?: string; start: number }[] } };
  const start = partitiontable.partitions.find(({ name }) => name === 'ingot-root')?.start ?? 0;
  // Devices can't be written by everybody; files can.
  for (const folder of ['etc', 'home', 'root', 'srv', 'var']) {
    execFileSync('debugfs', ['-R', `rdump /${folder} ${into}`, `${disk}?offset=${start * 512}`], {
      env: tools,
      stdio: 'pipe',
    });
  }
}
