import { expect, test } from 'vitest';
import { parseDebNames } from './apt.ts';
import { parseShowDepends } from './kernel-modules.ts';
import { parseNeeded } from './libraries.ts';
import { mergedPath } from './stage.ts';

test('knows the file name apt gives a package, with the epoch escaped', () => {
  const stanzas =
    'Package: openssh-client\nArchitecture: arm64\nVersion: 1:9.2p1-2\n\nPackage: dash\nVersion: 0.5\nArchitecture: arm64\n\n';
  expect([...parseDebNames(stanzas)]).toEqual([
    ['openssh-client', 'openssh-client_1%3a9.2p1-2_arm64.deb'],
    ['dash', 'dash_0.5_arm64.deb'],
  ]);
});

test('reads which file needs which library', () => {
  const printed = [
    'File: stage/usr/sbin/a',
    ' 0x01 (NEEDED)  Shared library: [libz.so.1]',
    ' 0x0e (SONAME)  Library soname: [liba.so]',
    'File: stage/usr/sbin/b',
    ' 0x01 (NEEDED)  Shared library: [libc.so.6]',
  ].join('\n');
  expect([...parseNeeded(printed, ['usr/sbin/a', 'usr/sbin/b'])]).toEqual([
    ['libz.so.1', 'stage/usr/sbin/a'],
    ['libc.so.6', 'stage/usr/sbin/b'],
  ]);
});

test('names the only file where readelf does not', () => {
  expect([...parseNeeded(' 0x01 (NEEDED) Shared library: [libc.so.6]', ['bin/dash'])]).toEqual([
    ['libc.so.6', 'bin/dash'],
  ]);
});

test('leaves out modules that are built into the kernel', () => {
  expect(parseShowDepends('insmod /m/virtio.ko \nbuiltin ext4\ninsmod /m/virtio_blk.ko num=1\n')).toEqual([
    '/m/virtio.ko',
    '/m/virtio_blk.ko',
  ]);
});

test('moves what packages put in /bin and /lib below /usr', () => {
  expect(['bin/busybox', 'lib64/ld.so', 'usr/bin/sudo', 'library/x'].map(mergedPath)).toEqual([
    'usr/bin/busybox',
    'usr/lib64/ld.so',
    'usr/bin/sudo',
    'library/x',
  ]);
});
