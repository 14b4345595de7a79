import { NodeError } from '../contract.ts';

/** '.2' to '.254', the one after the last given first: an address that was just in use is known to SSH clients. */
export function freeAddress(prefix: string, taken: ReadonlySet<string>, last: string | undefined): string {
  const start = last?.startsWith(`${prefix}.`) === true ? Number(last.slice(prefix.length + 1)) + 1 : 2;
  for (let step = 0; step < 253; step++) {
    const address = `${prefix}.${((start - 2 + step) % 253) + 2}`;
    if (!taken.has(address)) return address;
  }
  throw new NodeError('no-capacity', `all 253 addresses of ${prefix}.0/24 are in use`);
}
