/**
 * QEMU processes outlive the server, so they are known by what the kernel says of them: a VM's working
 * directory is its instance's, and no other process's is. A process id alone may have been reused.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import { until } from '../deadline.ts';
import { programPath } from './program-path.ts';

export interface QemuExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface QemuProcess {
  readonly pid: number;
  readonly directory: string;
  /** Only for one that this server started. */
  readonly exit?: Promise<QemuExit>;
  /** Lets this program end while the VM runs on. */
  readonly unref?: () => void;
}

/** Starts QEMU in its own session, so that it lives on when the server ends. Its words go to `qemu.log`. */
export async function startQemu(
  program: string,
  args: readonly string[],
  directory: string,
): Promise<QemuProcess> {
  const log = await open(join(directory, 'qemu.log'), 'w', 0o600);
  try {
    const child = spawn(program, [...args], {
      cwd: directory,
      detached: true,
      env: { PATH: programPath },
      stdio: ['ignore', log.fd, log.fd],
    });
    const pid = await started(child);
    const exit = new Promise<QemuExit>((resolve) => {
      child.once('exit', (status, signal) => resolve({ status, signal }));
    });
    return { pid, directory, exit, unref: () => child.unref() };
  } finally {
    await log.close();
  }
}

async function started(child: ChildProcess): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  if (child.pid === undefined) throw new Error('the process ended before it had an id');
  return child.pid;
}

/** A process that has ended but is not yet reaped has no working directory any more. */
export async function isAlive(process: QemuProcess): Promise<boolean> {
  return (await workingDirectory(process.pid)) === process.directory;
}

export async function gone(process: QemuProcess, deadlineMs: number): Promise<void> {
  await until(async () => ((await isAlive(process)) ? undefined : true), {
    deadlineMs,
    what: `the end of QEMU process ${process.pid}`,
  });
}

export async function killQemu(qemu: QemuProcess): Promise<void> {
  if (!(await isAlive(qemu))) return;
  try {
    process.kill(qemu.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  await gone(qemu, 10_000);
}

/** All VMs whose directories lie in `instances` (a real path). */
export async function findQemu(instances: string): Promise<ReadonlyMap<InstanceId, QemuProcess>> {
  const found = new Map<InstanceId, QemuProcess>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const directory = await workingDirectory(Number(entry));
    if (directory === undefined || dirname(directory) !== instances) continue;
    if (!(await runsQemu(Number(entry)))) continue;
    found.set(basename(directory) as InstanceId, { pid: Number(entry), directory });
  }
  return found;
}

async function workingDirectory(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

async function runsQemu(pid: number): Promise<boolean> {
  try {
    const [program] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return basename(program ?? '').startsWith('qemu-system-');
  } catch {
    return false;
  }
}

/** QEMU removes its pid file when it ends by itself, and leaves it when it is killed. */
export async function leftPidFile(directory: string): Promise<boolean> {
  return stat(join(directory, 'qemu.pid')).then(
    () => true,
    () => false,
  );
}

/** The last words of QEMU, for error messages. */
export async function qemuSaid(directory: string): Promise<string> {
  const text = await readFile(join(directory, 'qemu.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('; ').slice(-600);
}
