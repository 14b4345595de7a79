/** Waits, in two stages, until one can log in: the machine runs, then it answers SSH. */
import type { Client } from 'ssh2';
import type { Context } from '../context.ts';
import { type Machine, refreshMachine } from '../ec2/find-instance.ts';
import { waitForState } from '../ec2/wait.ts';
import { openSsh } from '../ssh/open.ts';
import { sshTarget } from '../ssh/target.ts';
import type { Stages } from '../stages.ts';

const runDeadlineMs = 120_000;
/** A full distribution under emulation takes minutes to boot. */
const sshPatienceMs = 420_000;

/** The caller ends the connection. */
export async function awaitSsh(context: Context, launched: Machine, stages: Stages): Promise<Client> {
  const options = { deadlineMs: runDeadlineMs };
  await stages.run(
    'Starting the machine',
    (stage) => waitForState(context, launched, 'running', { ...options, onState: stage.update }),
    ({ instance }) => `running at ${instance.PublicIpAddress ?? 'no public address'}`,
  );
  return await stages.run(
    'Booting until SSH answers',
    async (stage) => {
      const target = await sshTarget(context, await refreshMachine(context, launched));
      return await openSsh(target, {
        home: context.home,
        patienceMs: sshPatienceMs,
        onAttempt: stage.update,
      });
    },
    () => 'logged in',
  );
}
