import type { Qmp } from '../qemu/qmp.ts';
export async function stopShortening(_qmp: Qmp): Promise<void> {}
