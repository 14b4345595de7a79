/** The commands as a shell sees them: what they print where, and how they end. No machine is started. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-cli-'));
});

afterAll(async () => {
  await ingot(['down']);
  await rm(home, { recursive: true });
});

async function ingot(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, HOME: home, INGOT_HOME: home, INGOT_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

describe('without a server', () => {
  test.each([['list'], ['status'], ['env'], ['image list'], ['exec web true']])(
    '%s says how to start one',
    async (line) => {
      const { status, stdout, stderr } = await ingot(line.split(' '));
      expect(status).toBe(3);
      expect(stdout).toBe('');
      expect(stderr).toContain('ingot up');
    },
  );

  test('down has nothing to do', async () => {
    expect((await ingot(['down'])).status).toBe(0);
  });

  test('an unknown command is a mistake of the command line, with the nearest known one', async () => {
    const { status, stderr } = await ingot(['lunch']);
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean launch?');
  });

  test('a config.yaml with an unknown field is refused with its line', async () => {
    const other = await mkdtemp(join(tmpdir(), 'ingot-cli-'));
    await writeFile(join(other, 'config.yaml'), 'prot: 1\n');
    const { status, stderr } = await ingot(['up', '--detach'], { INGOT_HOME: other });
    await rm(other, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('config.yaml:1:1: prot: is not a known field. Did you mean `port`?');
  });
});

describe('with a server', () => {
  beforeAll(async () => {
    expect(await ingot(['up', '--detach'])).toMatchObject({ status: 0 });
  });

  test('up again says that it runs', async () => {
    const { status, stderr } = await ingot(['up', '--detach']);
    expect(status).toBe(0);
    expect(stderr).toContain('runs already');
  });

  test('env prints one line for a shell, with the names that scripts rely on', async () => {
    const { stdout } = await ingot(['env']);
    const names = [...stdout.matchAll(/ (\w+)=/g)].map(([, name]) => name);
    expect(stdout.startsWith('export ')).toBe(true);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(names).toEqual([
      'AWS_ENDPOINT_URL_EC2',
      'AWS_ENDPOINT_URL_STS',
      'AWS_ENDPOINT_URL_EBS',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_DEFAULT_REGION',
      'INGOT_URL',
      'INGOT_TOKEN',
    ]);
  });

  test('what env prints leads to the server from anywhere', async () => {
    const elsewhere = { ...(await printedVariables()), INGOT_HOME: join(home, 'elsewhere') };
    expect(await ingot(['list', '--json'], elsewhere)).toMatchObject({ status: 0, stdout: '[]\n' });
  });

  test('lists are JSON for programs, and nothing but data is on standard output', async () => {
    expect(await ingot(['list', '--json'])).toMatchObject({ status: 0, stdout: '[]\n' });
    expect(await ingot(['list'])).toMatchObject({ status: 0, stdout: '' });
    expect(JSON.parse((await ingot(['account', 'list', '--json'])).stdout)).toHaveLength(2);
    expect((await ingot(['account', 'list', '-q'])).stdout).toBe('default\namazon\n');
  });

  test('a name that nothing has ends with 4', async () => {
    expect(await ingot(['stop', 'nothing'])).toMatchObject({ status: 4 });
    expect(await ingot(['ami', 'log', 'nothing'])).toMatchObject({ status: 4 });
    expect(await ingot(['token', 'remove', 'nothing'])).toMatchObject({ status: 4 });
  });

  test('a token alone opens what its role may, and the log tells what it did', async () => {
    const { url } = JSON.parse((await ingot(['status', '--json'])).stdout) as { readonly url: string };
    const { stdout: secret, stderr } = await ingot(['token', 'add', 'eve', '--role', 'viewer']);
    expect(secret).toMatch(/^ingot_[\w-]{43}\n$/);
    expect(stderr).toContain('eve is a viewer');
    const eve = { INGOT_URL: url, INGOT_TOKEN: secret.trim() };
    expect(await ingot(['ami', 'builds', '--json'], eve)).toMatchObject({ status: 0, stdout: '[]\n' });
    expect(await ingot(['token', 'list'], eve)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("'eve' has the role viewer, and this needs admin"),
    });
    expect(await ingot(['list'], eve)).toMatchObject({ status: 2 });
    const log = await ingot(['audit', '--by', 'eve', '--json']);
    expect(JSON.parse(log.stdout)).toMatchObject([{ action: 'listTokens', role: 'viewer', status: 403 }]);
    expect(await ingot(['token', 'remove', 'eve'])).toMatchObject({ status: 0 });
    expect(await ingot(['ami', 'builds'], eve)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('INGOT_TOKEN'),
    });
  });

  test('a value that breaks its rule ends with 2, before anything is done', async () => {
    expect(await ingot(['launch', 'tiny', 'x', '--ports', 'http'])).toMatchObject({ status: 2 });
    expect(await ingot(['launch', 'tiny', 'x', '--disk', '0'])).toMatchObject({ status: 2 });
    expect(await ingot(['launch', 'tiny', 'x', '--arch', 'sparc'])).toMatchObject({ status: 2 });
  });

  test('an account gets keys of its own, which make one somebody else', async () => {
    const { stdout } = await ingot(['account', 'add', 'research']);
    const keys = variablesIn(stdout);
    expect(Object.keys(keys)).toEqual(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
    const asked = ['aws', 'sts', 'get-caller-identity', '--query', 'Account', '--output', 'text'];
    const own = await ingot(asked);
    const other = await ingot(asked, { ...(await printedVariables()), ...keys });
    expect(own).toMatchObject({ status: 0, stdout: '123456789012\n' });
    expect(other.status).toBe(0);
    expect(other.stdout).not.toBe(own.stdout);
    expect(await ingot(['account', 'add', 'research'])).toMatchObject({ status: 1 });
  });

  test('doctor looks at everything and finds nothing to mend here', async () => {
    const { status, stdout } = await ingot(['doctor', '--json']);
    const findings = JSON.parse(stdout) as { subject: string; level: string }[];
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([
        'Node',
        'QEMU x86_64',
        'Ports',
        'Addresses',
        'Memory',
        'Disk',
        'Clock',
        'Speed x86_64',
      ]),
    );
    expect(status).toBe(0);
  });

  test('the idle server takes at most 200 MiB', async () => {
    const { pid } = await serverRecord();
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024).toBeLessThan(200);
  });

  test('a server that was killed is found gone, and starts again with the same keys', async () => {
    const before = await ingot(['env']);
    const { pid } = await serverRecord();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(await ingot(['list'])).toMatchObject({ status: 3 });
    expect(await ingot(['up', '--detach'])).toMatchObject({ status: 0 });
    const keyOf = ({ stdout }: Ended) => /AWS_ACCESS_KEY_ID=(\S+)/.exec(stdout)?.[1];
    expect(keyOf(await ingot(['env']))).toBe(keyOf(before));
  });
});

async function printedVariables(): Promise<Record<string, string>> {
  return variablesIn((await ingot(['env'])).stdout);
}

function variablesIn(line: string): Record<string, string> {
  return Object.fromEntries(
    [...line.matchAll(/ (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

async function serverRecord(): Promise<{ readonly pid: number }> {
  return JSON.parse(await readFile(join(home, 'server.json'), 'utf8')) as { pid: number };
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
