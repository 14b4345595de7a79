/** A real nats-server on a free port of this machine, for as long as a test needs it. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface NatsServer {
  readonly url: string;
  /** Ends the process and starts one anew on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const startDeadlineMs = 10_000;

export async function startNatsServer(extra: readonly string[] = []): Promise<NatsServer> {
  let running = await start('-1', extra);
  return {
    url: running.url,
    async restart() {
      await running.stop();
      running = await start(new URL(running.url).port, extra);
    },
    stop: () => running.stop(),
  };
}

async function start(
  port: string,
  extra: readonly string[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-nats-'));
  // Debian keeps it where only root's PATH leads.
  const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };
  const args = ['--addr', '127.0.0.1', '--port', port, '--ports_file_dir', folder, ...extra];
  const child = spawn('nats-server', args, { stdio: 'ignore', env });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const url = await Promise.race([failed, listening(folder)]);
  return { url, stop };
}

async function listening(folder: string): Promise<string> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'));
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
    if (text !== '') return (JSON.parse(text) as { readonly nats: readonly [string] }).nats[0];
    await delay(20);
  }
  throw new Error(`nats-server did not start within ${startDeadlineMs} ms`);
}
