/**
 * The guides and the README's day by day, command by command as they are written, in a shell on a new home. What a
 * person does at a terminal is done here for them: yes is said, a shell is left again, and what never ends is watched
 * for a moment. In the end the home has been used, so the reference of its files is held to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { files, read, root } from '../architecture/tree.ts';

const bases = join(tmpdir(), 'ingot-test-bases');
const guides = 'docs/guide';
const deadlineMs = 900_000;

const prelude = `
set -eEu -o pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
ingot() {
  case "$*" in
    *--follow*) timeout 5 ingot-here "$@" || [ $? -eq 124 ] ;;
    connect*) echo exit | script -qec "ingot-here $*" /dev/null ;;
    terminate*--yes* | terminate*--dry-run*) ingot-here "$@" ;;
    terminate*) ingot-here "$@" --yes ;;
    *) ingot-here "$@" ;;
  esac
}
`;

let folder: string;
let home: string;
const used = new Set<string>();
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-guides-'));
  home = join(folder, '.ingot');
  const programs = join(folder, 'bin');
  for (const each of [bases, home, programs]) await mkdir(each, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  await symlink(join(root, 'bin', 'ingot'), join(programs, 'ingot-here'));
  environment = {
    PATH: `${programs}:${join(root, 'node_modules', '.bin')}:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: folder,
    INGOT_HOME: home,
    INGOT_PORT: '0',
    TERM: 'xterm',
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
});

afterAll(async () => {
  await run('for id in $(ingot list -q); do ingot terminate $id; done; ingot down').catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

describe('README.md', () => {
  const [, daily = ''] = /^## Day by day\n([\s\S]*?)^## /m.exec(read('README.md')) ?? [];
  const [machines = '', tools = ''] = commandsOf(daily);

  test('day by day: machines', { timeout: deadlineMs }, async () => {
    await run(machines);
  });

  test('day by day: the AWS tools', { timeout: deadlineMs }, async () => {
    await run(`ingot up --detach\n${tools}\ningot down`);
  });
});

describe('the guides', () => {
  const pages = [...read(`${guides}/README.md`).matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page = '']) => page);

  test('every page is in the list', () => {
    const there = files.filter((file) => file.startsWith(`${guides}/`) && !file.endsWith('README.md'));
    expect(pages.map((page) => `${guides}/${page}`).sort()).toEqual(there);
  });

  test.each(pages)('every command of %s works', { timeout: deadlineMs }, async (page) => {
    const commands = commandsOf(await readFile(join(root, guides, page), 'utf8'));
    expect(commands.length).toBeGreaterThan(0);
    await run(commands.join('\n'));
  });

  test('nothing is left when all pages were followed', async () => {
    const left = `ingot up --detach > /dev/null
      ingot list -q
      ingot aws ec2 describe-images --owners self --query 'Images[].Name' --output text
      ingot aws ec2 describe-volumes --query 'Volumes[].VolumeId' --output text
      ingot down`;
    expect((await run(left)).trim()).toBe('');
  });

  test('docs/reference/files.md knows every file that the home had', () => {
    const rows = [...read('docs/reference/files.md').matchAll(/^\| (`[^|]*) \|/gm)];
    const described = rows.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    const patterns = described.map(
      (name) =>
        new RegExp(
          `^${name
            .split(/(<[^>]+>|…)/)
            .map((part) =>
              part === '…' ? '.+' : part.startsWith('<') ? '[^/]+' : part.replace(/[.+]/g, '\\$&'),
            )
            .join('')}$`,
        ),
    );
    const unknown = [...used].filter((name) => !patterns.some((pattern) => pattern.test(name)));
    expect(used.size).toBeGreaterThan(20);
    expect(unknown.sort()).toEqual([]);
  });
});

/** The blocks that say they are for a shell. */
function commandsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** What the commands printed; throws with all of it when one fails. */
async function run(commands: string): Promise<string> {
  const shell = spawn('bash', ['-s'], { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  // Read as a whole before it is run: a command that reads standard input must not eat the rest.
  shell.stdin.end(`${prelude}\nwhole() {\n${commands}\n}\nwhole </dev/null\n`);
  const { status, stdout, stderr } = await ended(shell);
  await noteFiles();
  if (status === 0) return stdout;
  throw new Error(`The shell ended with ${status}\n${stderr.slice(-4000)}\n${stdout.slice(-4000)}`);
}

async function ended(child: ChildProcess) {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

/** What is in the home now; folders and what a write has in the making are left out. */
async function noteFiles(): Promise<void> {
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory() || entry.isSymbolicLink()) continue;
    used.add(relative(home, join(entry.parentPath, entry.name)));
  }
}
