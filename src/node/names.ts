import { NodeError } from './contract.ts';

/**
 * Ids become file names and QEMU node names (31 characters, a letter first), and a request may have crossed
 * a wire. So each is checked before it is part of a path.
 */
export function assertName(id: string, what: string): void {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(id)) return;
  throw new NodeError(
    'internal',
    `'${id}' is no ${what}: a letter, then up to 30 lower-case letters, digits and dashes`,
  );
}
