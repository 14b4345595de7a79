/** The boot proof: a machine launched from the new image, with another key, on which everything is checked again. */
import type { BootProof } from '../../registry/version.ts';
import type { ProofContext } from '../build.ts';
import { withShell } from '../machine-shell.ts';
import type { BuildParts } from '../parts.ts';
import { awaitMachine } from './await-machine.ts';
import { awaitSettled } from './await-settled.ts';
import { checkMachine } from './check-machine.ts';
import { consoleTail } from './console-tail.ts';

export async function proveImage(parts: BuildParts, context: ProofContext): Promise<BootProof> {
  const machine = context.result('proof machine');
  const { keyFile } = context.result('proof access');
  const at = await awaitMachine(parts, context, machine, context.result('proof access'));
  const place = { at, keyFile };
  const uptimeMs = await withShell(parts, context, place, async (shell) => {
    const { stdout } = await shell.exec('cat /proc/uptime', { signal: context.signal });
    return Number(stdout.split(' ')[0]) * 1000;
  });
  const sinceLaunchMs = parts.now().getTime() - Date.parse(machine.launchedAt);
  await awaitSettled(parts, context, place);
  const validations = await checkMachine(parts, context, place);
  const proof = {
    bootMs: Math.max(0, Math.round(sinceLaunchMs - uptimeMs)),
    sshMs: Math.round(at.ms),
    validations,
    consoleTail: await consoleTail(parts, context, machine.instanceId),
    at: parts.now().toISOString(),
  };
  context.tell({ type: 'detail', text: `SSH after ${(proof.sshMs / 1000).toFixed(1)} s` });
  return proof;
}
