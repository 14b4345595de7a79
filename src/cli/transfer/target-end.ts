/** The far end by a target's name: endpoint, login and region are what `targets.yaml` of this home says. */
import { loadConfig } from '../../platform/config.ts';
import type { Context } from '../context.ts';
import { CliError, describeError } from '../errors.ts';
import type { CloudEnd } from './cloud-end.ts';

/** In the target's first region unless told. */
export async function targetEnd(
  { home, url, credentials }: Context,
  name: string,
  wanted: string | undefined,
): Promise<CloudEnd> {
  const { openTargets } = await import('../../api/targets/home-targets.ts');
  const { regions } = await loadConfig({ home });
  const targets = openTargets({ directory: home, local: { endpoint: url, credentials, regions } });
  const target = await targets.get(name).catch((cause: unknown) => {
    throw new CliError(`${describeError(cause)} (ingot target list shows them, and target add adds one)`, {
      cause,
    });
  });
  const region = wanted ?? target.regions[0] ?? 'us-east-1';
  const [ec2, ebs] = await Promise.all([target.client(region), target.ebs(region)]);
  return { title: `${name} ${region}`, region, ec2, ebs };
}
