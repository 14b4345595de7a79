/** What only a running server knows: how machines are accelerated, and which of their ports could not open. */
import type { Config } from '../platform/config.ts';
import type { Finding } from '../server/doctor/finding.ts';
import { adminClient, answered } from './admin-client.ts';
import { type Context, localContext } from './context.ts';
import { listMachines } from './ec2/find-instance.ts';
import { machinePorts } from './machine-ports.ts';

export async function checkServer(config: Pick<Config, 'home'>): Promise<readonly Finding[]> {
  const context = await localContext(config.home);
  if (context === undefined) {
    const finding = 'does not run, so acceleration and open ports are not known';
    return [{ level: 'limit', subject: 'Server', finding, cure: 'ingot up --detach' }];
  }
  const { nodes, version } = await answered(adminClient(context).status.$get(), context.url);
  const running: Finding = { level: 'ok', subject: 'Server', finding: `Ingot ${version} at ${context.url}` };
  const acceleration = nodes.flatMap(({ architectures }) =>
    architectures.map(({ architecture, acceleration: by, reason }): Finding => {
      const subject = `Speed ${architecture}`;
      if (by === 'kvm')
        return { level: 'ok', subject, finding: 'machines run on the processor itself (KVM)' };
      const finding = `machines are emulated${reason === undefined ? '' : `: ${reason}`}`;
      return {
        level: 'limit',
        subject,
        finding,
        cure: 'a host whose /dev/kvm runs this architecture is many times faster',
      };
    }),
  );
  return [running, ...acceleration, ...(await checkOpenPorts(context))];
}

async function checkOpenPorts(context: Context): Promise<readonly Finding[]> {
  const machines = (await listMachines(context)).filter(({ state }) => state === 'running');
  const findings = await Promise.all(
    machines.map(async ({ id, name }) => {
      const { closed } = await machinePorts(context, id);
      return closed.map(({ ports, reason }): Finding => {
        return {
          level: 'limit',
          subject: 'Open ports',
          finding: `${name || id}: ${ports} is not open: ${reason}`,
        };
      });
    }),
  );
  return findings.flat();
}
