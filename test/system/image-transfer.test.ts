/**
 * A disk file becomes an image, goes to another Ingot, boots there, changes, and comes back by what changed: two real
 * servers, the commands as people type them, one machine at a time.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildBase } from '../../guest/build.ts';
import { environmentFor, killMachinesOf } from './transfer-homes.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const bases = join(tmpdir(), 'ingot-test-bases');
const deadlineMs = 900_000;

let folder: string;
let here: Home;
let there: Home;

type Home = ReturnType<typeof homeIn>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-transfer-test-'));
  here = homeIn('here');
  there = homeIn('there');
  for (const home of [here, there]) {
    await mkdir(home.path);
    await home.ingot('up', '--detach');
  }
});

afterEach(async ({ task }) => {
  for (const home of [here, there]) {
    await home.ingot('down').catch(() => undefined);
    await killMachinesOf(home.path);
  }
  if (task.result?.state === 'fail') process.stderr.write(`kept for inspection: ${folder}\n`);
  else await rm(folder, { recursive: true, force: true });
});

function homeIn(name: string) {
  const path = join(folder, name);
  const env = environmentFor(path, { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'logins') });
  return {
    path,
    /** What the command said, data and talk apart. */
    async ingot(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
      const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr, status] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        new Promise<number | null>((resolve) => child.once('close', resolve)),
      ]);
      if (status !== 0) throw new Error(`ingot ${args.join(' ')} ended with ${status}\n${stderr}\n${stdout}`);
      return { stdout: stdout.trim(), stderr };
    },
  };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += chunk;
  return all;
}

/** Where a home is reached, and a login for it that the other home's commands can name. */
async function addressOf(home: Home): Promise<string> {
  const { stdout } = await home.ingot('env');
  const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(stdout)?.[1] ?? '';
  await writeFile(
    join(folder, 'logins'),
    `[other]\naws_access_key_id=${value('AWS_ACCESS_KEY_ID')}\naws_secret_access_key=${value('AWS_SECRET_ACCESS_KEY')}\n`,
  );
  return value('INGOT_URL');
}

test('an imported disk is pushed, boots there, is changed, pulled back by what changed, boots here and is exported', {
  timeout: deadlineMs,
}, async () => {
  const base = await buildBase('tiny', 'x86_64', { directory: bases, onProgress: () => undefined });
  const disk = join(folder, 'tiny.vmdk');
  await run('qemu-img', ['convert', '-O', 'vmdk', base.file, disk]);
  const imported = await here.ingot('image', 'import', disk, '--name', 'tiny-disk', '--ssh-user', 'ec2-user');
  expect(imported.stdout).toMatch(/^ami-[0-9a-f]{17}$/);
  expect(imported.stderr).toMatch(/vmdk, .*boots BIOS, x86_64/);

  const far = ['endpoint', await addressOf(there), 'region', 'us-east-1', 'profile', 'other'] as const;
  const options = far.map((part, at) => (at % 2 === 0 ? `--to-${part}` : part));
  const pushed = await here.ingot('image', 'push', 'tiny-disk', ...options);
  expect(pushed.stdout).toMatch(/^ami-/);

  await there.ingot('launch', 'tiny-disk', 'far', '--wait');
  const mark = 'head -c 2000000 /dev/urandom > mark && sync && sha256sum mark';
  const { stdout: written } = await there.ingot('exec', 'far', '--', 'sh', '-c', mark);
  const [{ id }] = JSON.parse((await there.ingot('list', '--json')).stdout) as [{ id: string }];
  await there.ingot('aws', 'ec2', 'create-image', '--instance-id', id, '--name', 'changed');
  await there.ingot('terminate', 'far', '--yes');

  const [, , , region, , login] = far;
  const named = ['there', '--url', far[1], '--profile', login, '--regions', region] as const;
  await here.ingot('target', 'add', ...named);
  const pulled = await here.ingot('image', 'pull', 'changed', '--from', 'there');
  const [, sent, unit] = /, ([\d.]+) (\w+) sent that changed since/.exec(pulled.stderr) ?? [];
  expect(unit).toBe('MiB');
  expect(Number(sent)).toBeLessThan(40);

  await here.ingot('launch', 'changed', 'near', '--wait');
  const { stdout: read } = await here.ingot('exec', 'near', '--', 'sha256sum', 'mark');
  expect(read).toBe(written);
  await here.ingot('terminate', 'near', '--yes');

  const out = join(folder, 'changed.qcow2');
  await here.ingot('image', 'export', 'changed', out);
  const check = await run('qemu-img', ['check', '--output=json', out]);
  expect(JSON.parse(check.stdout)).toMatchObject({ 'check-errors': 0 });
});
