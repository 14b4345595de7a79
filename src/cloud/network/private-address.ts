/** Private addresses: the first free one of a subnet. EC2 keeps the first four and the last of each. */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Schema } from '../schema.ts';
import type { SubnetTable } from './table.ts';

export interface Cidr {
  readonly first: number;
  readonly size: number;
}

export function parseCidr(text: string): Cidr {
  const [address = '', bits = '32'] = text.split('/');
  return { first: toNumber(address), size: 2 ** (32 - Number(bits)) };
}

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** `count` free addresses, lowest first; `wanted` asks for one certain address. */
export async function freeAddresses(
  tx: Transaction<Schema>,
  subnet: SubnetTable,
  count: number,
  wanted?: string,
): Promise<readonly string[]> {
  const taken = new Set(
    (
      await tx
        .selectFrom('instances')
        .select('private_address')
        .where('subnet_id', '=', subnet.subnet_id)
        .where('state', '!=', 'terminated')
        .execute()
    ).map((row) => row.private_address),
  );
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw new Ec2Fault('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
    return [checkedInside(subnet, wanted)];
  }
  const { first, size } = parseCidr(subnet.cidr);
  const free: string[] = [];
  for (let value = first + 4; value < first + size - 1 && free.length < count; value += 1) {
    const address = toAddress(value);
    if (!taken.has(address)) free.push(address);
  }
  if (free.length < count) {
    throw new Ec2Fault(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.subnet_id}' to satisfy the requested number of instances.`,
    );
  }
  return free;
}

function checkedInside(subnet: SubnetTable, address: string): string {
  const { first, size } = parseCidr(subnet.cidr);
  const value = toNumber(address);
  if (/^\d+(\.\d+){3}$/.test(address) && value >= first + 4 && value < first + size - 1) return address;
  throw new Ec2Fault(
    'InvalidParameterValue',
    `Address ${address} is not a usable address of subnet '${subnet.subnet_id}' (${subnet.cidr})`,
  );
}
