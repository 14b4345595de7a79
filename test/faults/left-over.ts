/** What lies about on a node's disk, or runs, that its server does not know of. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findQemu } from '../../src/node/qemu/process.ts';
import type { Rest } from './server-child.ts';

export async function leftOver(nodeFolder: string, rest: Rest): Promise<readonly string[]> {
  const { faults, layerIds, machineIds, runningIds } = rest;
  const qemu = [...(await findQemu(join(nodeFolder, 'instances'))).keys()];
  const layers = layerIds.map((id) => `${id}.qcow2`);
  const results = (await readdir(join(nodeFolder, 'snapshots'))).filter(
    (name) => !layerIds.some((id) => name === `${id}.json`),
  );
  return [
    ...faults,
    ...differences('a layer', await readdir(join(nodeFolder, 'layers')), layers),
    ...differences('an instance’s folder', await readdir(join(nodeFolder, 'instances')), machineIds),
    ...differences('a QEMU', qemu, runningIds),
    ...results.map((name) => `the answer ${name} is of no layer`),
  ];
}

function differences(what: string, there: readonly string[], known: readonly string[]): readonly string[] {
  return [
    ...there.filter((name) => !known.includes(name)).map((name) => `${what} is left over: ${name}`),
    ...known.filter((name) => !there.includes(name)).map((name) => `${what} is lost: ${name}`),
  ];
}
