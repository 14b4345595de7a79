/** A machine as QEMU's arguments. Pure: whoever calls has made the files that are named here. */
import type { Architecture, Firmware, InstanceId } from '../../platform/ids.ts';
import type { VolumeSpec } from '../contract.ts';
import { layerNode, portName, rootPort, sparePorts, volumeDevice } from './devices.ts';

export interface QemuMachine {
  readonly instanceId: InstanceId;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly accelerator: 'kvm' | 'tcg';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly volumes: readonly VolumeSpec[];
  readonly network: {
    readonly macAddress: string;
    readonly privateAddress: string;
    readonly subnet: string;
    readonly gateway: string;
    readonly nameServer: string;
  };
  /** An abstract socket's name that says which public prefix this VM uses, for as long as it lives. */
  readonly claim: string;
  /** The shared flash code; the variables are `flash-variables.fd` in the instance's directory. */
  readonly flashCode?: string;
}

export const machineFiles = {
  controlSocket: 'qmp.sock',
  agentSocket: 'agent.sock',
  console: 'console.log',
  pid: 'qemu.pid',
  seed: 'seed',
  flashVariables: 'flash-variables.fd',
} as const;

export function qemuProgram(architecture: Architecture): string {
  return architecture === 'x86_64' ? 'qemu-system-x86_64' : 'qemu-system-aarch64';
}

export function qemuArguments(machine: QemuMachine): readonly string[] {
  return [
    ...['-name', machine.instanceId],
    '-no-user-config',
    '-nodefaults',
    ...['-display', 'none'],
    ...['-pidfile', machineFiles.pid],
    ...processor(machine),
    ...['-m', String(machine.memoryMiB)],
    // The guest's own reboot stays in this process; its power-off ends it.
    ...['-action', 'reboot=reset,shutdown=poweroff,panic=none'],
    ...control(machine),
    ...flash(machine),
    ...entropy,
    ...network(machine),
    ...guestAgent,
    ...disks(machine),
  ];
}

/**
 * All that QEMU can emulate but for what makes a guest slower: `erms` has the kernel clear and copy memory byte by byte,
 * which is emulated as such; `la57` gives each look into the page tables one more level; `svm` has KVM loaded in vain.
 */
const emulatedProcessor = 'max,erms=off,la57=off,svm=off';

function processor(machine: QemuMachine): readonly string[] {
  const type = machine.architecture === 'x86_64' ? 'q35' : 'virt';
  const pflash = machine.flashCode === undefined ? '' : ',pflash0=flash-code,pflash1=flash-variables';
  const emulated = machine.architecture === 'x86_64' ? emulatedProcessor : 'cortex-a72';
  return [
    ...['-machine', `${type}${pflash}`],
    ...['-accel', machine.accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi'],
    ...['-cpu', machine.accelerator === 'kvm' ? 'host' : emulated],
    ...['-smp', String(machine.cpus)],
  ];
}

/** Everything that listens is a Unix socket in the instance's own directory: a guest reaches the host's TCP ports. */
function control(machine: QemuMachine): readonly string[] {
  return [
    ...['-qmp', `unix:${machineFiles.controlSocket},server=on,wait=off`],
    ...['-chardev', `null,id=console,logfile=${machineFiles.console},logappend=on`],
    ...['-serial', 'chardev:console'],
    ...['-chardev', `socket,id=claim,path=${machine.claim},abstract=on,server=on,wait=off`],
  ];
}

function flash(machine: QemuMachine): readonly string[] {
  if (machine.flashCode === undefined) return [];
  return [
    ...blockdev({
      driver: 'file',
      'node-name': 'flash-code',
      filename: machine.flashCode,
      'read-only': true,
    }),
    ...blockdev({ driver: 'file', 'node-name': 'flash-variables', filename: machineFiles.flashVariables }),
  ];
}

const entropy = [
  ...['-object', 'rng-builtin,id=entropy'],
  ...device({ driver: 'virtio-rng-pci', rng: 'entropy' }),
];

function network(machine: QemuMachine): readonly string[] {
  const { subnet, gateway, nameServer, privateAddress, macAddress } = machine.network;
  const user = `net=${subnet},host=${gateway},dns=${nameServer},dhcpstart=${privateAddress}`;
  return [
    ...['-netdev', `user,id=net0,ipv6=off,${user}`],
    ...device({ driver: 'virtio-net-pci', id: 'nic0', netdev: 'net0', mac: macAddress, romfile: '' }),
  ];
}

const agentPort = 'org.qemu.guest_agent.0';

const guestAgent = [
  ...['-chardev', `socket,id=agent,path=${machineFiles.agentSocket},server=on,wait=off`],
  ...device({ driver: 'virtio-serial-pci', id: 'serial0' }),
  // QEMU tells that the guest has opened a port only of one that has an id.
  ...device({ driver: 'virtserialport', id: 'agent0', bus: 'serial0.0', chardev: 'agent', name: agentPort }),
];

function disks(machine: QemuMachine): readonly string[] {
  const ports = Array.from({ length: machine.volumes.length + sparePorts }, (_, index) =>
    device(rootPort(index)),
  );
  const volumes = machine.volumes.map((volume, index) => [
    ...blockdev(layerNode(volume.layerId)),
    ...device(volumeDevice({ ...volume, port: portName(index) })),
  ]);
  return [
    ...ports.flat(),
    ...volumes.flat(),
    ...blockdev({
      driver: 'vvfat',
      'node-name': 'seed',
      dir: machineFiles.seed,
      label: 'cidata',
      'read-only': true,
    }),
    ...device({ driver: 'virtio-blk-pci', id: 'seed0', drive: 'seed', serial: 'cidata' }),
  ];
}

function device(properties: object): readonly string[] {
  return ['-device', JSON.stringify(properties)];
}

function blockdev(properties: object): readonly string[] {
  return ['-blockdev', JSON.stringify(properties)];
}
