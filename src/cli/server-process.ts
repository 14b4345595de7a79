/** The server as a process of its own, started from here and outliving this command. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { homeFolder } from '../platform/config.ts';
import { isAlive, readServerRecord, type ServerRecord } from '../server/server-record.ts';
import { type Context, localContext } from './context.ts';
import { CliError } from './errors.ts';

const startDeadlineMs = 30_000;
const pollMs = 20;

/** Returns once the server answers; what it prints goes to `server.log`. */
export async function startServer(options: { readonly port?: number | undefined } = {}): Promise<Context> {
  const home = homeFolder();
  const logFile = join(home, 'server.log');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const log = await open(logFile, 'a', 0o600);
  const before = (await log.stat()).size;
  const args = [mainFile(), 'up', ...(options.port === undefined ? [] : ['--port', String(options.port)])];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  let exited = false;
  child.once('exit', () => {
    exited = true;
  });
  await log.close();
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    const record = await readServerRecord(home);
    if (record !== undefined && record.pid === child.pid) break;
    if (exited) throw new CliError(`The server could not start:\n${await plainLines(logFile, before)}`);
    if (Date.now() > deadline) throw new CliError(`The server was not ready in time; see ${logFile}`);
    await delay(pollMs);
  }
  child.unref();
  const context = await localContext(home);
  if (context === undefined) throw new CliError(`The server ended as soon as it was ready; see ${logFile}`);
  return context;
}

/** Asks it to end and waits until it has. */
export async function stopServer(record: ServerRecord, deadlineMs: number): Promise<void> {
  process.kill(record.pid, 'SIGTERM');
  const deadline = Date.now() + deadlineMs;
  while (isAlive(record.pid)) {
    if (Date.now() > deadline) {
      throw new CliError(
        `The server (process ${record.pid}) has not ended after ${deadlineMs / 1000} s. It may be busy; ` +
          `if it hangs: kill -9 ${record.pid}, which loses nothing`,
      );
    }
    await delay(pollMs);
  }
}

/** The sibling of this file: TypeScript in a checkout, JavaScript in a package. */
function mainFile(): string {
  return join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'main.ts' : 'main.js');
}

/** What was said for people since the offset, between the log's lines of JSON. */
async function plainLines(file: string, offset: number): Promise<string> {
  const text = (await readFile(file)).subarray(offset).toString();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .map((line) => `  ${line.replace(/^✗ /, '')}`)
    .join('\n');
}
