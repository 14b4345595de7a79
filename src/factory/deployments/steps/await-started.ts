/** The machine has started all that it starts, and the template's validations hold on it. */
import { withShell } from '../../builds/machine-shell.ts';
import { awaitSettled } from '../../builds/steps/await-settled.ts';
import { checkMachine } from '../../builds/steps/check-machine.ts';
import type { DeploymentContext, ServicesUp } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import type { DeploymentParts } from '../parts.ts';

const countServices =
  'if [ -d /run/systemd/system ]; then systemctl list-units --type=service --state=running --no-legend | wc -l; fi';

export async function awaitStarted(parts: DeploymentParts, context: DeploymentContext): Promise<ServicesUp> {
  const place = { at: context.result('ssh'), keyFile: context.result('access').keyFile };
  await awaitSettled(parts, context, place);
  const checks = await checkMachine(parts, context, place);
  const { stdout } = await withShell(parts, context, place, (shell) =>
    shell.exec(countServices, { signal: context.signal }),
  );
  if (!/^\d+$/.test(stdout.trim())) return { checks };
  const count = Number(stdout);
  await updateDeployment(parts, context.runId, { services_count: count });
  context.tell({ type: 'detail', text: `${count} services run` });
  return { count, checks };
}
