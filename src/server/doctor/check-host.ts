/** What this machine brings for Ingot: read from the machine itself, whether or not a server runs. */
import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultMemoryForInstancesMiB, hostMemoryMiB } from '../../node/facts.ts';
import { lowestFreePort } from '../../node/network/lowest-free-port.ts';
import { firmwareOf } from '../../node/qemu/firmware.ts';
import { programPath } from '../../node/qemu/program-path.ts';
import type { Config } from '../../platform/config.ts';
import { packageFacts } from '../../platform/package-facts.ts';
import type { Finding } from './finding.ts';

const leastDiskBytes = 5 * 2 ** 30;
const leastMemoryMiB = 1536;

export async function checkHost(
  config: Pick<Config, 'home' | 'memoryForInstancesMiB'>,
): Promise<readonly Finding[]> {
  return await Promise.all([
    checkNode(),
    checkQemu('x86_64', 'qemu-system-x86_64', 'qemu-system-x86'),
    checkQemu('arm64', 'qemu-system-aarch64', 'qemu-system-arm'),
    checkDiskTool(),
    checkFirmware('x86_64', 'ovmf'),
    checkFirmware('arm64', 'qemu-efi-aarch64'),
    checkPorts(),
    checkAddresses(),
    checkMemory(config),
    checkDisk(config.home),
    checkBuildTools(),
    checkClock(),
  ]);
}

async function checkNode(): Promise<Finding> {
  return { level: 'ok', subject: 'Node', finding: `${process.versions.node} at ${process.execPath}` };
}

async function checkQemu(architecture: string, program: string, debianPackage: string): Promise<Finding> {
  const file = await findProgram(program);
  const subject = `QEMU ${architecture}`;
  if (file !== undefined) return { level: 'ok', subject, finding: file };
  const needed = architecture === 'x86_64';
  return {
    level: needed ? 'problem' : 'limit',
    subject,
    finding: `${program} is not installed: no ${architecture} machine can start`,
    cure: `apt-get install ${debianPackage}`,
  };
}

async function checkDiskTool(): Promise<Finding> {
  const file = await findProgram('qemu-img');
  if (file !== undefined) return { level: 'ok', subject: 'Disk tool', finding: file };
  const finding = 'qemu-img is not installed: no disk can be made';
  return { level: 'problem', subject: 'Disk tool', finding, cure: 'apt-get install qemu-utils' };
}

async function checkFirmware(architecture: 'x86_64' | 'arm64', debianPackage: string): Promise<Finding> {
  const firmware = await firmwareOf(architecture);
  const subject = `Boot ${architecture}`;
  if (firmware.includes('uefi')) return { level: 'ok', subject, finding: firmware.join(' and ') };
  const what =
    firmware.length > 0 ? `only ${firmware.join()}; images that want UEFI` : `machines of ${architecture}`;
  return {
    level: 'limit',
    subject,
    finding: `no UEFI firmware: ${what} can't boot`,
    cure: `apt-get install ${debianPackage}`,
  };
}

async function checkPorts(): Promise<Finding> {
  const lowest = await lowestFreePort();
  if (lowest === 0)
    return { level: 'ok', subject: 'Ports', finding: 'every port of an instance opens as itself' };
  return {
    level: 'limit',
    subject: 'Ports',
    finding: `ports below ${lowest} need a privilege; those of instances open at other ports of this host`,
    cure: 'sudo sysctl net.ipv4.ip_unprivileged_port_start=22 (ingot connect finds the port by itself)',
  };
}

/** Linux answers on all of 127.0.0.0/8 without further ado; where it doesn't, binding says so. */
async function checkAddresses(): Promise<Finding> {
  const { createServer } = await import('node:net');
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  const probe = createServer().once('error', resolve);
  probe.listen(0, '127.83.255.254', () => probe.close(() => resolve(undefined)));
  const error = await promise;
  if (error === undefined)
    return { level: 'ok', subject: 'Addresses', finding: '127.83.0.0/16 is this host' };
  return {
    level: 'problem',
    subject: 'Addresses',
    finding: `127.83.0.0/16 can't be used for instances: ${error.message}`,
    cure: 'ip addr add 127.0.0.1/8 dev lo',
  };
}

async function checkMemory({
  memoryForInstancesMiB,
}: Pick<Config, 'memoryForInstancesMiB'>): Promise<Finding> {
  const instances = memoryForInstancesMiB ?? defaultMemoryForInstancesMiB(hostMemoryMiB());
  const finding = `${gib(instances * 2 ** 20)} of ${gib(totalmem())} for instances`;
  if (instances >= leastMemoryMiB) return { level: 'ok', subject: 'Memory', finding };
  const cure =
    'choose small sizes (--size t3.nano takes 0.5 GiB), or set memoryForInstancesMiB in config.yaml';
  return { level: 'limit', subject: 'Memory', finding, cure };
}

async function checkDisk(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestFolder(home));
  const free = bavail * bsize;
  const finding = `${gib(free)} free for ${home}`;
  if (free >= leastDiskBytes) return { level: 'ok', subject: 'Disk', finding };
  return { level: 'limit', subject: 'Disk', finding, cure: 'free some, or move the home: INGOT_HOME' };
}

async function checkBuildTools(): Promise<Finding> {
  const subject = 'Base images';
  const tools = ['dpkg-deb', 'mke2fs', 'sfdisk', 'grub-mkimage'];
  const found = await Promise.all(tools.map(findProgram));
  const missing = tools.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const finding = `can't be built here without ${missing.join(', ')}`;
    return {
      level: 'limit',
      subject,
      finding,
      cure: 'ingot image base add tiny names the Debian packages to install',
    };
  }
  if (process.getuid?.() === 0) return { level: 'ok', subject, finding: 'can be built here' };
  if ((await findProgram('newuidmap')) !== undefined) {
    return { level: 'ok', subject, finding: 'can be built here, in a user namespace' };
  }
  const finding = 'are built by root, or in a user namespace, which takes newuidmap';
  return { level: 'limit', subject, finding, cure: 'apt-get install uidmap' };
}

/** Signatures are refused when clocks differ by minutes; a clock before this copy was made is surely wrong. */
async function checkClock(): Promise<Finding> {
  const made = (await stat(join(packageFacts().root, 'package.json'))).mtimeMs;
  const source = await readFile(
    '/sys/devices/system/clocksource/clocksource0/current_clocksource',
    'utf8',
  ).catch(() => 'unknown');
  const finding = `${new Date().toISOString()}, counted by ${source.trim()}`;
  if (Date.now() >= made) return { level: 'ok', subject: 'Clock', finding };
  return {
    level: 'problem',
    subject: 'Clock',
    finding: `${finding}: before Ingot was installed`,
    cure: 'set the clock',
  };
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of programPath.split(':')) {
    const file = join(folder, name);
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return file;
  }
  return undefined;
}

/** A home that isn't made yet will be on the disk of the folder above it. */
async function nearestFolder(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined);
  return there === undefined ? await nearestFolder(dirname(path)) : path;
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
