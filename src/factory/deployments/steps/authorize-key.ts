import { type MachinePlace, withShell } from '../../builds/machine-shell.ts';
import { must } from '../../ssh/detached.ts';
import { quoted } from '../../ssh/quoted.ts';
import type { DeploymentContext } from '../deployment.ts';
import type { DeploymentParts } from '../parts.ts';

/** Lets the person in who asked for the deployment; no image keeps it. */
export async function authorizeKey(
  parts: DeploymentParts,
  context: DeploymentContext,
  place: MachinePlace,
): Promise<void> {
  const { authorizedKey } = context.input;
  if (authorizedKey === undefined) return;
  const line = quoted(authorizedKey);
  const script = `umask 077; mkdir -p ~/.ssh; file=~/.ssh/authorized_keys
grep -qxF ${line} $file 2> /dev/null || printf '%s\\n' ${line} >> $file`;
  await withShell(parts, context, place, (shell) => must(shell, `sh -c ${quoted(script)}`));
}
