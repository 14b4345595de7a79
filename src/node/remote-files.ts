import type { FileContract } from './file-contract.ts';

type Ask = (command: keyof FileContract) => <T>(request: unknown) => Promise<T>;

/** The node's disk files at the other end of the bus. What is long is asked for until it rests. */
export function connectFiles(ask: Ask): FileContract {
  return {
    inspectFile: (request) => ask('inspectFile')(request),
    importFile: (request) => ask('importFile')(request),
    exportFile: (request) => ask('exportFile')(request),
  };
}

export const fileCommandNames = [
  'inspectFile',
  'importFile',
  'exportFile',
] as const satisfies readonly (keyof FileContract)[];
