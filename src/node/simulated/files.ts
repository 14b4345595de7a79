import type { FileContract } from '../file-contract.ts';
import { layerStatus } from './layers.ts';
import type { SimulatedState } from './state.ts';

const sizeBytes = 2 ** 30;
const done = { state: 'completed', bytesDone: sizeBytes, bytesTotal: sizeBytes } as const;

/** Every file is a disk of 1 GiB for BIOS, and every export succeeds without writing anything. */
export function simulatedFiles(state: SimulatedState): FileContract {
  return {
    inspectFile: async ({ format }) => ({
      format: format ?? 'raw',
      sizeBytes,
      bios: true,
      uefi: false,
      architecture: 'x86_64',
    }),
    async importFile({ layerId, file }) {
      if (!state.layers.has(layerId)) {
        state.layers.set(layerId, { layerId, sizeBytes, frozen: true, blocks: [`imported ${file}`] });
      }
      return done;
    },
    async exportFile({ disk }) {
      layerStatus(state, disk.layerId);
      return done;
    },
  };
}
