import { access } from 'node:fs/promises';
import type { Architecture, Firmware } from '../../platform/ids.ts';

/** Flash images: the code is shared and read-only, the variables are each machine's own copy. */
export interface FlashFiles {
  readonly code: string;
  readonly variables: string;
}

const places: Readonly<Record<Architecture, readonly FlashFiles[]>> = {
  x86_64: [
    { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
    { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
    { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', variables: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
  ],
  arm64: [
    { code: '/usr/share/AAVMF/AAVMF_CODE.fd', variables: '/usr/share/AAVMF/AAVMF_VARS.fd' },
    {
      code: '/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw',
      variables: '/usr/share/edk2/aarch64/vars-template-pflash.raw',
    },
  ],
};

export async function findFlash(architecture: Architecture): Promise<FlashFiles | undefined> {
  for (const files of places[architecture]) {
    if ((await isReadable(files.code)) && (await isReadable(files.variables))) return files;
  }
  return undefined;
}

/** What machines of the architecture can boot with on this host. arm64 has no BIOS. */
export async function firmwareOf(architecture: Architecture): Promise<readonly Firmware[]> {
  const uefi: readonly Firmware[] = (await findFlash(architecture)) === undefined ? [] : ['uefi'];
  return architecture === 'x86_64' ? ['bios', ...uefi] : uefi;
}

async function isReadable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
