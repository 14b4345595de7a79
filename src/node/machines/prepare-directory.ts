import { constants } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type MachineSpec, NodeError } from '../contract.ts';
import { writeSeed } from '../guest/seed.ts';
import { machineFiles } from '../qemu/command-line.ts';
import { findFlash } from '../qemu/firmware.ts';
import { olderConsole } from './trim-console.ts';

const leftovers = [
  machineFiles.controlSocket,
  machineFiles.agentSocket,
  machineFiles.pid,
  machineFiles.console,
  olderConsole(machineFiles.console),
];

/** All that QEMU finds in its directory. What an earlier run left is replaced; UEFI's variables are kept. */
export async function prepareDirectory(directory: string, spec: MachineSpec): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await Promise.all(leftovers.map((name) => rm(join(directory, name), { force: true })));
  await writeSeed(join(directory, machineFiles.seed), spec.instanceId, spec.seed);
  if (spec.firmware === 'uefi') await copyVariables(directory, spec.architecture);
}

async function copyVariables(directory: string, architecture: MachineSpec['architecture']): Promise<void> {
  const flash = await findFlash(architecture);
  if (flash === undefined)
    throw new NodeError('unsupported', `no UEFI firmware for ${architecture} on this host`);
  try {
    await copyFile(flash.variables, join(directory, machineFiles.flashVariables), constants.COPYFILE_EXCL);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
