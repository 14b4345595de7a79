import { join } from 'node:path';
import { killMachines } from './node-kit.ts';

/** What a command needs of the environment, and nothing of this machine's own logins. */
export function environmentFor(home: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    INGOT_HOME: home,
    INGOT_PORT: '0',
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...more,
  };
}

/** VMs outlive their servers. */
export async function killMachinesOf(home: string): Promise<void> {
  await killMachines(join(home, 'nodes', 'node-1'));
}
