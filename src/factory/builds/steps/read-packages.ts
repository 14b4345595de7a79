import { packagesCommand } from '../../registry/packages/packages-command.ts';
import { parsePackages } from '../../registry/packages/parse-packages.ts';
import type { GuestPackages } from '../../registry/version.ts';
import type { BuildContext } from '../build.ts';
import { type MachinePlace, withShell } from '../machine-shell.ts';
import type { BuildParts } from '../parts.ts';

/** For the version's bill of materials and for `diff`. */
export async function readPackages(
  parts: BuildParts,
  context: Pick<BuildContext, 'signal' | 'tell'>,
  place: MachinePlace,
): Promise<GuestPackages> {
  const { stdout } = await withShell(parts, context, place, (shell) =>
    shell.exec(packagesCommand, { signal: context.signal }),
  );
  const packages = parsePackages(stdout);
  const text = packages.manager === 'none' ? 'no package manager' : `${packages.packages.length} packages`;
  context.tell({ type: 'detail', text });
  return packages;
}
