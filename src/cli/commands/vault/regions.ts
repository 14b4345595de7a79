import { adminClient, answered } from '../../admin-client.ts';
import type { Context } from '../../context.ts';

export interface VaultOptions {
  readonly json?: true;
  readonly region?: string;
}

/** The one that was asked for, or all that the server has. */
export async function vaultRegions(context: Context, region: string | undefined): Promise<readonly string[]> {
  if (region !== undefined) return [region];
  return (await answered(adminClient(context).status.$get(), context.url)).regions;
}

export function bytes(count: number): string {
  if (count < 2 ** 20) return `${Math.ceil(count / 2 ** 10)} KiB`;
  return count < 2 ** 30 ? `${(count / 2 ** 20).toFixed(1)} MiB` : `${(count / 2 ** 30).toFixed(1)} GiB`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
