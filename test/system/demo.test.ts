/** The main job, as a person runs it: with everything in one process, and with the node in another behind NATS. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startNatsServer } from '../kit/nats-server.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const bases = join(tmpdir(), 'ingot-test-bases');
const deadlineMs = 900_000;

let folder: string;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-demo-test-'));
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await rm(folder, { recursive: true, force: true });
});

/** An empty home that finds the base images of other tests. */
async function makeHome(name: string, config = ''): Promise<string> {
  const home = join(folder, name);
  await mkdir(home);
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  await writeFile(join(home, 'config.yaml'), config);
  return home;
}

async function demo(home: string): Promise<string> {
  const env = { ...process.env, INGOT_HOME: home, INGOT_PORT: '0', INGOT_URL: '' };
  try {
    return (await run(process.execPath, [join(root, 'scripts', 'demo.ts')], { env })).stdout;
  } catch (error) {
    const log = await readFile(join(home, 'server.log'), 'utf8').catch(() => 'no log');
    throw new Error(`${(error as { stdout: string }).stdout}\n${log}`, { cause: error });
  }
}

test('a running machine is changed, imaged and launched again, with the change', {
  timeout: deadlineMs,
}, async () => {
  const home = await makeHome('home');
  expect(await demo(home)).toContain('All as promised');
  expect(existsSync(join(home, 'server.json'))).toBe(false);
});

test('the same with the node in another process, behind a NATS server', { timeout: deadlineMs }, async () => {
  const nats = await startNatsServer();
  undo.push(() => nats.stop());
  const nodeHome = await makeHome('node');
  const node = spawn(process.execPath, [main, 'node', '--id', 'far', '--nats', nats.url], {
    env: { ...process.env, INGOT_HOME: nodeHome },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => ended(node));
  await said(node, 'The node far serves');
  const config = `bus: {kind: nats, servers: ['${nats.url}']}\nnode: {kind: remote, id: far}\n`;
  const home = await makeHome('home', config);
  expect(await demo(home)).toContain('All as promised');
  expect(existsSync(join(nodeHome, 'nodes', 'far', 'layers'))).toBe(true);
  expect(existsSync(join(home, 'nodes'))).toBe(false);
});

const main = join(root, 'src', 'cli', 'main.ts');

async function said(child: ChildProcess, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk;
    if (output.includes(text)) resolve();
  });
  child.once('exit', (code) => reject(new Error(`the process ended with ${code}: ${output}`)));
  await promise;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
