/**
 * Port forwards of a running VM. QEMU's own list is the truth, before and after: a command that answered
 * nothing has worked only if the list says so.
 */
import type { Qmp } from '../qemu/qmp.ts';
import { type Forward, hostPortChoices, type OpenPort, portKey } from './ports.ts';

export async function listForwards(qmp: Qmp): Promise<readonly Forward[]> {
  return parseForwards(await monitor(qmp, 'info usernet'));
}

/** Lines such as `  TCP[HOST_FORWARD]  22   127.83.5.2    22   172.31.5.20    22   0   0`. */
export function parseForwards(text: string): readonly Forward[] {
  const pattern = /^\s*(TCP|UDP)\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s+\S+\s+(\d+)/gm;
  return [...text.matchAll(pattern)].map(([, protocol, hostPort, guestPort]) => ({
    protocol: protocol === 'TCP' ? 'tcp' : 'udp',
    hostPort: Number(hostPort),
    guestPort: Number(guestPort),
  }));
}

/** Opens what is wanted and closes the rest. Answers what is open now. */
export async function applyForwards(
  qmp: Qmp,
  request: {
    readonly publicAddress: string;
    readonly privateAddress: string;
    readonly wanted: readonly OpenPort[];
    readonly lowestFreePort: number;
  },
): Promise<readonly Forward[]> {
  const { publicAddress, privateAddress, wanted } = request;
  const wantedKeys = new Set(wanted.map(portKey));
  const before = await listForwards(qmp);
  const surplus = before.filter((forward) => !wantedKeys.has(portKey(forward)));
  await Promise.all(
    surplus.map(({ protocol, hostPort }) =>
      monitor(qmp, `hostfwd_remove net0 ${protocol}:${publicAddress}:${hostPort}`),
    ),
  );
  const openKeys = new Set(before.map(portKey));
  const missing = wanted.filter((port) => !openKeys.has(portKey(port)));
  await Promise.all(
    missing.map(async (port) => {
      for (const hostPort of hostPortChoices(port, request)) {
        const host = `${port.protocol}:${publicAddress}:${hostPort}`;
        const said = await monitor(qmp, `hostfwd_add net0 ${host}-${privateAddress}:${port.guestPort}`);
        if (said.trim() === '') return;
      }
    }),
  );
  return listForwards(qmp);
}

async function monitor(qmp: Qmp, command: string): Promise<string> {
  return String(await qmp.execute('human-monitor-command', { 'command-line': command }));
}
