import { expect, test } from 'vitest';
import { diskLayout } from './layout.ts';

const mebibyte = 1024 ** 2;

test.each(['bios', 'uefi'] as const)(
  'puts the root file system last on a %s disk, with room for the second table',
  (firmware) => {
    const disk = 1024 * mebibyte;
    const layout = diskLayout(firmware, disk);
    expect(layout.rootStartBytes).toBe(layout.bootStartBytes + layout.bootSizeBytes);
    expect(layout.rootStartBytes + layout.rootSizeBytes).toBe(disk - mebibyte);
    expect(layout.rootStartBytes % mebibyte).toBe(0);
  },
);

test('numbers the root 1 and names it as the initramfs looks for it', () => {
  expect(diskLayout('bios', 1024 * mebibyte).script).toMatch(
    /^1 : start=4096, size=2091008, .*name="ingot-root"$/m,
  );
});

test('refuses a disk too small or not in whole mebibytes', () => {
  expect(() => diskLayout('uefi', 64 * mebibyte)).toThrow(/cannot hold a base/);
  expect(() => diskLayout('uefi', 1024 * mebibyte + 512)).toThrow(/cannot hold a base/);
});
