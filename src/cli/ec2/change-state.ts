/** Starts, stops or terminates several machines and waits until all have arrived. */
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Context } from '../context.ts';
import type { Stages } from '../stages.ts';
import { ec2Client } from './client.ts';
import type { Machine } from './find-instance.ts';
import { waitForState } from './wait.ts';

export type Change = 'start' | 'stop' | 'terminate';

const changes = {
  start: {
    title: 'Starting',
    state: 'running',
    ask: (ec2: EC2, ids: string[]) => ec2.startInstances({ InstanceIds: ids }),
  },
  stop: {
    title: 'Stopping',
    state: 'stopped',
    ask: (ec2: EC2, ids: string[]) => ec2.stopInstances({ InstanceIds: ids }),
  },
  terminate: {
    title: 'Terminating',
    state: 'terminated',
    ask: (ec2: EC2, ids: string[]) => ec2.terminateInstances({ InstanceIds: ids }),
  },
} as const;

const deadlineMs = 180_000;

export async function changeState(
  context: Context,
  machines: readonly Machine[],
  change: Change,
  stages: Stages,
): Promise<void> {
  const { title, state, ask } = changes[change];
  const byRegion = Map.groupBy(machines, ({ region }) => region);
  for (const [region, members] of byRegion) {
    await ask(
      await ec2Client(context, region),
      members.map(({ id }) => id),
    );
  }
  for (const machine of machines) {
    await stages.run(
      `${title} ${machine.name || machine.id}`,
      (stage) => waitForState(context, machine, state, { deadlineMs, onState: stage.update }),
      () => state,
    );
  }
}
