import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from './node-killed-child.ts';
import type { TestHome } from './node-kit.ts';

/** Runs the command in a server of its own, which kills itself at the point. */
export async function runKilled(home: TestHome, point: string, command: Command): Promise<void> {
  const script = join(import.meta.dirname, 'node-killed-child.ts');
  const args = [script, home.directory, point, JSON.stringify(command)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = await once(child, 'exit');
  if (signal !== 'SIGKILL') throw new Error(`the server never came to ${point}`);
}
