/** What `npm pack` makes is installed and run elsewhere, as a user would. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
/** The compiler and npm, on a machine that others use too. */
const buildDeadlineMs = 300_000;
const systemPath = '/usr/local/bin:/usr/bin:/bin';

let folder: string;
let ingot: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-package-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--omit=dev', tarball], {
    cwd: folder,
  });
  ingot = join(folder, 'node_modules', '.bin', 'ingot');
}, buildDeadlineMs);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** This Node first on the PATH, and a home of the package's own. */
function environment() {
  const path = [dirname(process.execPath), systemPath].join(delimiter);
  return { PATH: path, HOME: folder, INGOT_HOME: join(folder, 'home'), INGOT_PORT: '0' };
}

test('it holds JavaScript and recipes, and neither TypeScript nor tests', async () => {
  const { stdout } = await run('find', ['.', '-type', 'f'], { cwd: join(folder, 'node_modules', 'ingot') });
  const files = stdout.split('\n');
  expect(files).toContain('./dist/src/cli/main.js');
  expect(files).toContain('./dist/guest/tiny/packages');
  expect(files).toContain('./templates/tiny-hello.yml');
  expect(files).toContain('./docs/reference/template.schema.json');
  expect(files.filter((file) => /\.ts$|\.test\.|\/testing\//.test(file))).toEqual([]);
});

test('ingot --version is the version of the package', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const { stdout } = await run(ingot, ['--version'], { env: environment() });
  expect(stdout).toBe(`${version}\n`);
});

test('ingot --help lists the commands', async () => {
  const { stdout } = await run(ingot, ['--help'], { env: environment() });
  expect(stdout).toContain('launch [options] <image> <name>');
});

test('its server starts, serves and ends', async () => {
  const env = environment();
  await run(ingot, ['up', '--detach'], { env });
  const { stdout } = await run(ingot, ['account', 'list', '--json'], { env });
  await run(ingot, ['down'], { env });
  expect(JSON.parse(stdout)).toHaveLength(2);
});

const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (file) => existsSync(file) && majorOf(file) < 24,
);

test.runIf(oldNode !== undefined)('under an older Node it says what to do', async () => {
  const failed = run(oldNode ?? '', [ingot, '--version'], { env: { PATH: systemPath, HOME: folder } });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Ingot needs Node 24'),
  });
});

test.runIf(oldNode !== undefined)('under an older Node it finds a newer one on the PATH', async () => {
  const { stdout } = await run(oldNode ?? '', [ingot, '--version'], { env: environment() });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

function majorOf(node: string): number {
  return Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1), 10);
}
