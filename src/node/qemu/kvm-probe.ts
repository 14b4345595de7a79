/**
 * Whether KVM runs a Linux kernel here. `/dev/kvm` that opens, and even a boot sector that runs, prove nothing:
 * under some hypervisors a VM is created and its kernel hangs before its first line. So a kernel is booted
 * without a root file system; that it panics for want of one proves that it got all the way there.
 */
import { spawn } from 'node:child_process';
import { programPath } from './program-path.ts';

const deadlineMs = 10_000;
const reachedTheEnd = /Kernel panic - not syncing|Run \/(?:sbin\/)?init/;
/** What is kept of the console to search in; the line is shorter. */
const keptBytes = 4_096;

export async function kvmBoots(program: string, kernel: string, signal: AbortSignal): Promise<boolean> {
  const machine = program.endsWith('aarch64') ? 'virt' : 'q35';
  const console = program.endsWith('aarch64') ? 'ttyAMA0' : 'ttyS0';
  const child = spawn(
    program,
    [
      ...['-no-user-config', '-nodefaults', '-display', 'none', '-no-reboot'],
      ...['-machine', machine, '-accel', 'kvm', '-cpu', 'host', '-m', '256'],
      ...['-kernel', kernel, '-append', `console=${console} panic=-1`],
      ...['-serial', 'stdio'],
    ],
    { env: { PATH: programPath }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  return new Promise<boolean>((resolve) => {
    let tail = '';
    const end = (boots: boolean) => {
      child.kill('SIGKILL');
      resolve(boots);
    };
    child.once('error', () => end(false));
    child.once('exit', () => end(reachedTheEnd.test(tail)));
    deadline.addEventListener('abort', () => end(false), { once: true });
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      tail = (tail + text).slice(-keptBytes);
      if (reachedTheEnd.test(tail)) end(true);
    });
  });
}
