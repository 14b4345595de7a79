/** The copy without what must be in no image; and no image where a declared secret is still on its disks. */
import { readFile } from 'node:fs/promises';
import { type MachinePlace, withShell } from '../../builds/machine-shell.ts';
import { cleanMachine } from '../../builds/steps/clean-machine.ts';
import { quoted } from '../../ssh/quoted.ts';
import { ShellProblem } from '../../ssh/remote-shell.ts';
import type { Clean } from '../../templates/template.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenContext } from './golden-input.ts';
import { sayCreation } from './say-creation.ts';

const secretFound = "The machine's disk has the secret";

/** A shorter value is in too many files by chance. */
const shortestSearched = 6;

export async function cleanCopy(
  parts: DeploymentParts,
  context: GoldenContext,
  place: MachinePlace,
): Promise<readonly string[]> {
  try {
    // The keys stay until it was searched: nobody gets in after that.
    await cleanMachine(parts, cleaning(context, { hostKeys: false, authorizedKeys: false }), place);
    await findSecrets(parts, context, place);
  } catch (error) {
    // Cleaned and searched by an earlier try that didn't live to say so.
    if (!(error instanceof ShellProblem && error.check === 'login')) throw error;
  }
  const cleaned = await cleanMachine(parts, context, place);
  sayCreation(parts, context.input.deploymentId, `Cleaned: ${cleaned.join(', ')}`);
  return cleaned;
}

/** Trying again finds it again. */
export function tellsOfSecret(message: string): boolean {
  return message.startsWith(secretFound);
}

function cleaning(context: GoldenContext, change: Partial<Clean>): GoldenContext {
  const { input } = context;
  const template = { ...input.template, clean: { ...input.template.clean, ...change } };
  return { ...context, input: { ...input, template } };
}

async function findSecrets(
  parts: DeploymentParts,
  context: GoldenContext,
  place: MachinePlace,
): Promise<void> {
  for (const [name, file] of Object.entries(context.input.app.secrets)) {
    const value = (await readFile(file, 'utf8')).replace(/\n$/, '');
    if (value.length < shortestSearched) continue;
    const command = `sudo -n sh -c ${quoted(searchScript)}`;
    const { status, stdout, stderr } = await withShell(parts, context, place, (shell) =>
      shell.exec(command, { input: value, signal: context.signal }),
    );
    if (status !== 0) {
      throw new Error(
        `The copy could not be searched for the secret '${name}': ${(stderr || stdout).trim()}`,
      );
    }
    const files = stdout.split('\n').filter((line) => line !== '');
    if (files.length === 0) continue;
    throw new Error(
      `${secretFound} '${name}' in ${files.slice(0, 5).join(', ')}: no image is made of it. ` +
        'Write it in a first_boot step, and list the file under clean.paths',
    );
  }
}

/** The secret arrives on standard input and stays in memory: /run is on no disk. */
const searchScript = `umask 077
secret=/run/ingot-secret-$$
trap 'rm -f $secret' EXIT
cat > $secret || exit 1
{ echo /; awk '$1 ~ "^/dev/" { print $2 }' /proc/mounts; } | sort -u | while read -r mounted; do
  find "$mounted" -xdev -type f -exec grep -lF -f $secret {} + 2> /dev/null
done
exit 0`;
