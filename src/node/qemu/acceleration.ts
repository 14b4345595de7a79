/** KVM where it is proven to work, emulation elsewhere, with the reason in words. Never waits for the proof. */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { arch, cpus, release } from 'node:os';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import type { Architecture } from '../../platform/ids.ts';
import type { Log } from '../../platform/log.ts';
import type { ArchitectureFacts } from '../contract.ts';
import { qemuProgram } from './command-line.ts';
import { kvmBoots } from './kvm-probe.ts';
import { programPath } from './program-path.ts';

export type AccelerationFacts = Pick<ArchitectureFacts, 'acceleration' | 'reason'>;

export interface Acceleration {
  /** What a machine started now gets. */
  of(architecture: Architecture): AccelerationFacts;
  /** When the probe is done; at once where none is needed. */
  readonly settled: Promise<void>;
  close(): Promise<void>;
}

/** What the verdict depends on: another kernel, processor or QEMU is probed anew. */
interface Verdict {
  readonly key: string;
  readonly boots: boolean;
}

export async function openAcceleration(options: {
  readonly log: Log;
  readonly cacheFile: string;
  readonly probeKernel?: string;
}): Promise<Acceleration> {
  const host: Architecture = arch() === 'arm64' ? 'arm64' : 'x86_64';
  const ending = new AbortController();
  let native = await withoutProbe(options.probeKernel);
  let settled = Promise.resolve();
  if (native === undefined) {
    const key = await verdictKey(host);
    const known = parseVerdict(await readIfPresent(options.cacheFile));
    native = known?.key === key ? verdictFacts(known.boots) : emulated('KVM is being tried out');
    if (known?.key !== key) {
      settled = probe(host, options.probeKernel ?? '', ending.signal)
        .then(async (boots) => {
          if (boots === undefined) return;
          native = verdictFacts(boots);
          await writeDurably(options.cacheFile, JSON.stringify({ key, boots } satisfies Verdict));
        })
        .catch((error: unknown) => options.log.error({ err: error }, 'KVM could not be tried out'));
    }
  }
  const foreign = emulated(`this host's processor is ${host}`);
  return {
    of: (architecture) => (architecture === host && native !== undefined ? native : foreign),
    settled,
    async close() {
      ending.abort();
      await settled;
    },
  };
}

/** Undefined where only a probe can tell. */
async function withoutProbe(probeKernel: string | undefined): Promise<AccelerationFacts | undefined> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return emulated(denied ? 'this user may not open /dev/kvm' : 'this host has no /dev/kvm');
  }
  if (probeKernel !== undefined) return undefined;
  // On real hardware KVM that opens works. Inside a VM it may create machines whose kernels hang.
  const isVirtual = /^flags\s*:.*\bhypervisor\b/m.test(await readFile('/proc/cpuinfo', 'utf8'));
  return isVirtual
    ? emulated('this host is a virtual machine itself, and there was no kernel to prove KVM with')
    : { acceleration: 'kvm' };
}

async function probe(host: Architecture, kernel: string, signal: AbortSignal): Promise<boolean | undefined> {
  const boots = await kvmBoots(qemuProgram(host), kernel, signal);
  return signal.aborted ? undefined : boots;
}

function verdictFacts(boots: boolean): AccelerationFacts {
  return boots
    ? { acceleration: 'kvm' }
    : emulated('KVM opens here, but a Linux kernel does not boot under it');
}

function emulated(reason: string): AccelerationFacts {
  return { acceleration: 'tcg', reason };
}

/** QEMU's version by its file: asking the program would cost a process at every start. */
async function verdictKey(host: Architecture): Promise<string> {
  for (const folder of programPath.split(':')) {
    const program = await stat(join(folder, qemuProgram(host))).catch(() => undefined);
    if (program !== undefined) return `${release()}|${cpus()[0]?.model}|${program.size}|${program.mtimeMs}`;
  }
  return 'no qemu';
}

function parseVerdict(text: string | undefined): Verdict | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Verdict);
}
