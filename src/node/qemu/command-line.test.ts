import { describe, expect, test } from 'vitest';
import type { InstanceId, LayerId, VolumeId } from '../../platform/ids.ts';
import { type QemuMachine, qemuArguments } from './command-line.ts';
import { rootPort, sparePorts } from './devices.ts';

const machine: QemuMachine = {
  instanceId: 'i-0123456789abcdef0' as InstanceId,
  architecture: 'x86_64',
  firmware: 'bios',
  accelerator: 'tcg',
  cpus: 2,
  memoryMiB: 512,
  volumes: [
    {
      volumeId: 'vol-0123456789abcdef0' as VolumeId,
      layerId: 'layer-0123456789abcdef0' as LayerId,
      deviceName: '/dev/sda1',
      root: true,
    },
  ],
  network: {
    macAddress: '02:00:00:00:00:01',
    privateAddress: '172.31.5.20',
    subnet: '172.31.0.0/20',
    gateway: '172.31.0.1',
    nameServer: '172.31.0.3',
  },
  claim: 'ingot-127.83.5/i-0123456789abcdef0',
};

describe('the command line', () => {
  test.each([
    ['x86_64', 'tcg', '-machine q35 -accel tcg,thread=multi -cpu max,erms=off,la57=off,svm=off'],
    ['x86_64', 'kvm', '-machine q35 -accel kvm -cpu host'],
    ['arm64', 'tcg', '-machine virt -accel tcg,thread=multi -cpu cortex-a72'],
    ['arm64', 'kvm', '-machine virt -accel kvm -cpu host'],
  ] as const)('%s under %s is %s', (architecture, accelerator, expected) => {
    expect(qemuArguments({ ...machine, architecture, accelerator }).join(' ')).toContain(expected);
  });

  test('shows a volume by its id without the dash, in the 20 bytes that virtio has', () => {
    const device = json(machine, '-device').find(({ id }) => id === 'vol-0123456789abcdef0');
    expect(device).toMatchObject({
      serial: 'vol0123456789abcdef0',
      drive: 'layer-0123456789abcdef0',
      bootindex: 0,
    });
    expect(String(device?.serial)).toHaveLength(20);
  });

  test('opens a layer by a path that moves with the home, and discards what the guest deletes', () => {
    expect(json(machine, '-blockdev')[0]).toMatchObject({
      'node-name': 'layer-0123456789abcdef0',
      discard: 'unmap',
      'detect-zeroes': 'unmap',
      file: { filename: '../../layers/layer-0123456789abcdef0.qcow2', discard: 'unmap' },
    });
  });

  test('listens on nothing that a guest could reach', () => {
    const text = qemuArguments(machine).join(' ');
    expect(text).not.toMatch(/tcp|telnet|vnc|hostfwd|port=/);
    expect(text).toContain('-qmp unix:qmp.sock');
  });

  test('has a free port for each further volume', () => {
    const ports = json(machine, '-device').filter(({ driver }) => driver === 'pcie-root-port');
    expect(ports).toHaveLength(machine.volumes.length + sparePorts);
    expect(new Set(ports.map(({ addr }) => addr)).size).toBe(ports.length);
  });

  test('gives the guest its private address, and puts the flash images in only for UEFI', () => {
    const text = qemuArguments(machine).join(' ');
    expect(text).toContain('net=172.31.0.0/20,host=172.31.0.1,dns=172.31.0.3,dhcpstart=172.31.5.20');
    expect(text).not.toContain('pflash');
    const uefi = qemuArguments({ ...machine, firmware: 'uefi', flashCode: '/usr/share/code.fd' }).join(' ');
    expect(uefi).toContain('-machine q35,pflash0=flash-code,pflash1=flash-variables');
  });
});

test.each([
  [0, '0x10.0'],
  [7, '0x10.7'],
  [8, '0x11.0'],
])('root port %d sits at %s', (index, addr) => {
  expect(rootPort(index)).toMatchObject({ addr });
});

function json(of: QemuMachine, option: string): readonly Record<string, unknown>[] {
  const args = qemuArguments(of);
  return args.flatMap((arg, index) =>
    args[index - 1] === option && arg.startsWith('{') ? [JSON.parse(arg)] : [],
  );
}
