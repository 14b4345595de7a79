/** The same disk from our server and from qemu-nbd, both warm, rounds interleaved. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median } from '../frame/statistics.ts';

const execute = promisify(execFile);

export interface NbdFigures {
  readonly what: string;
  readonly vault: number;
  readonly qemuNbd: number;
  readonly unit: 'IOPS' | 'MB/s';
}

const loads = [
  { what: '4 KiB reads, one at a time', depth: 1, count: 30_000, bytes: 4096 },
  { what: '4 KiB reads, 16 at a time', depth: 16, count: 60_000, bytes: 4096 },
] as const;

export async function compareNbd(
  folder: string,
  disk: string,
  diskBytes: number,
  vaultUri: string,
  rounds: number,
): Promise<readonly NbdFigures[]> {
  const socket = join(folder, 'qemu-nbd.sock');
  const server = spawn('qemu-nbd', ['-r', '-t', '-e', '8', '-f', 'raw', '-k', socket, disk], {
    stdio: 'ignore',
  });
  const peerUri = `nbd+unix:///?socket=${socket}`;
  while (
    await execute('qemu-img', ['info', peerUri]).then(
      () => false,
      () => true,
    )
  )
    await pause(100);
  const figures: NbdFigures[] = [];
  try {
    for (const { what, depth, count, bytes } of loads) {
      const rate = async (uri: string) => {
        const { stdout } = await execute('qemu-img', [
          'bench',
          '-f',
          'raw',
          '-U',
          '-c',
          String(count),
          '-d',
          String(depth),
          '-s',
          String(bytes),
          uri,
        ]);
        return count / Number(/completed in ([\d.]+)/.exec(stdout)?.[1]);
      };
      figures.push({ what, unit: 'IOPS', ...(await inTurn(rounds, vaultUri, peerUri, rate)) });
    }
    const stream = async (uri: string) => {
      const begun = performance.now();
      await execute('nbdcopy', [uri, 'null:']);
      return diskBytes / 1e3 / (performance.now() - begun);
    };
    figures.push({
      what: 'whole disk, nbdcopy',
      unit: 'MB/s',
      ...(await inTurn(rounds, vaultUri, peerUri, stream)),
    });
  } finally {
    server.kill();
  }
  return figures;
}

async function inTurn(
  rounds: number,
  vaultUri: string,
  peerUri: string,
  measure: (uri: string) => Promise<number>,
) {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(vaultUri));
    theirs.push(await measure(peerUri));
  }
  return { vault: median(ours), qemuNbd: median(theirs) };
}
