import { isCode } from '../../aws/until.ts';
import type { BuildInput } from '../build.ts';
import type { BuildParts } from '../parts.ts';

const tailLength = 8_000;

/** The last that a machine wrote on its console; empty where the target tells nothing yet. */
export async function consoleTail(
  parts: Pick<BuildParts, 'targets'>,
  { input }: { readonly input: Pick<BuildInput, 'target' | 'region'> },
  instanceId: string,
): Promise<string> {
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  try {
    const { Output = '' } = await ec2.getConsoleOutput({ InstanceId: instanceId });
    return Buffer.from(Output, 'base64').toString().slice(-tailLength);
  } catch (error) {
    if (isCode(error, 'InvalidInstanceID.NotFound', 'UnsupportedOperation')) return '';
    throw error;
  }
}
