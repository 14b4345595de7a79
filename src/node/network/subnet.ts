import { NodeError } from '../contract.ts';

/** The addresses that QEMU's own network serves in a subnet: the first is the gateway, the third answers DNS. */
export function servedAddresses(subnet: string): { readonly gateway: string; readonly nameServer: string } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(subnet);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const bits = Number(match?.[5]);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || !(bits >= 8 && bits <= 28)) {
    throw new NodeError('internal', `'${subnet}' is no subnet: four numbers and a prefix length of 8 to 28`);
  }
  const base = octets.reduce((value, octet) => value * 256 + octet, 0);
  const network = base - (base % 2 ** (32 - bits));
  return { gateway: dotted(network + 1), nameServer: dotted(network + 3) };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
