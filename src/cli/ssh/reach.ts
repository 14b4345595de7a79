/** From the name of a machine to a connection, saying so when it takes longer than one notices. */
import type { Client } from 'ssh2';
import type { Context } from '../context.ts';
import { findMachine } from '../ec2/find-instance.ts';
import { say } from '../output.ts';
import { openSsh } from './open.ts';
import { sshTarget } from './target.ts';

export interface ReachOptions {
  readonly region?: string;
  readonly user?: string;
}

const patienceMs = 60_000;

/** The caller ends the connection. */
export async function reach(context: Context, name: string, options: ReachOptions): Promise<Client> {
  const machine = await findMachine(context, name, options.region);
  const target = await sshTarget(context, machine, options.user);
  let told = false;
  const onAttempt = () => {
    if (!told) say(`${name} does not answer SSH yet; waiting up to ${patienceMs / 1000} s`);
    told = true;
  };
  return await openSsh(target, { home: context.home, patienceMs, onAttempt });
}
