/**
 * A machine that answers SSH may still be starting: cloud-init installs, services come up. Both tell when they are
 * done; what they think of the result doesn't matter here, the checks decide.
 */
import type { BuildContext } from '../build.ts';
import { type MachinePlace, withShell } from '../machine-shell.ts';
import type { BuildParts } from '../parts.ts';

const patienceMs = 15 * 60_000;

// Before cloud-init it is systemd that is asked, which waits for cloud-init's units too: each start of cloud-init's own
// command is seconds of Python on an emulated machine. A systemd that doesn't know --wait says no state.
const settled = `
state=
if [ -d /run/systemd/system ]; then state=$(systemctl is-system-running --wait 2> /dev/null); fi
if [ -z "$state" ] && command -v cloud-init > /dev/null 2>&1; then cloud-init status --wait > /dev/null 2>&1; fi
true`;

export async function awaitSettled(
  parts: BuildParts,
  context: Pick<BuildContext, 'signal' | 'tell'>,
  place: MachinePlace,
): Promise<void> {
  await withShell(parts, context, place, async (shell) => {
    const deadline = AbortSignal.timeout(patienceMs);
    try {
      await shell.exec(settled, { signal: AbortSignal.any([deadline, context.signal]) });
    } catch (error) {
      if (!deadline.aborted) throw error;
      context.tell({ type: 'note', text: 'The machine has not finished starting; the build goes on' });
    }
  });
}
