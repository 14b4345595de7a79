/** A home with a server and the tiny base, and its commands as a person types them. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addBase, hostArchitecture } from '../../src/cli/bases.ts';
import { type Context, localContext } from '../../src/cli/context.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { openServer } from '../../src/server/open-server.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly home: string;
  /** A line of a shell in which `ingot` is the command. */
  run(line: string): Promise<Ended>;
  /** The same; throws where it doesn't end with 0. */
  done(line: string): Promise<string>;
  ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** `kept`: the home stays, for a look. */
  close(options: { readonly kept: boolean }): Promise<void>;
}

const bases = join(tmpdir(), 'ingot-test-bases');
const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export async function openCommandLine(): Promise<CommandLine> {
  const home = await mkdtemp(join(tmpdir(), 'ingot-command-line-'));
  await mkdir(bases, { recursive: true });
  await symlink(bases, join(home, 'bases'));
  const server = await openServer(await loadConfig({ home, port: 0 }));
  const context = await localContext(home);
  if (context === undefined) throw new Error('the server left no record of itself');
  await addBase(context, 'tiny', hostArchitecture(), () => undefined);
  const run = (line: string) => shell(line, home);
  return {
    home,
    run,
    done: async (line) => {
      const { status, stdout, stderr } = await run(line);
      if (status !== 0) throw new Error(`${line}\nended with ${status}\n${stderr}${stdout}`);
      return stdout;
    },
    ask: (method, path, body) => ask(context, { method, path, body }),
    close: async ({ kept }) => {
      await run('for id in $(ingot list -q); do ingot terminate "$id" --yes; done');
      await server.close();
      if (kept) console.error(`Kept for a look: ${home}`);
      else await rm(home, { recursive: true, force: true });
    },
  };
}

async function shell(line: string, home: string): Promise<Ended> {
  const child = spawn('sh', ['-c', `ingot() { '${process.execPath}' '${main}' "$@"; }\n${line}`], {
    env: { PATH: process.env.PATH, HOME: home, INGOT_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    texts.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, ...texts };
}

async function ask<T>(
  { url, token }: Context,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}
