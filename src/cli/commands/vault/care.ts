/** Following verify and repair until they rest, and saying what they found. */
import { setTimeout as delay } from 'node:timers/promises';
import { adminClient, answered } from '../../admin-client.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { print } from '../../output.ts';
import type { Stages } from '../../stages.ts';
import { counted } from './regions.ts';

const askAgainMs = 500;

export type VaultCare = Awaited<ReturnType<typeof asked>>;

async function asked(context: Context, action: 'verify' | 'repair', region: string, restart: boolean) {
  const { vault } = adminClient(context);
  return await answered(
    vault[':region'][action].$post({ param: { region }, json: { restart } }),
    context.url,
  );
}

export async function followed(
  context: Context,
  stages: Stages,
  action: 'verify' | 'repair',
  region: string,
): Promise<VaultCare> {
  const title = `${action === 'verify' ? 'Verifying' : 'Repairing'} ${region}`;
  return await stages.run(
    title,
    async (stage) => {
      let care = await asked(context, action, region, true);
      while (care.state === 'running') {
        stage.update(`${care.blocksDone} of ${counted(care.blocksTotal, 'block')}`);
        await delay(askAgainMs);
        care = await asked(context, action, region, false);
      }
      if (care.state === 'completed') return care;
      throw new CliError(
        `The vault of ${region} could not be looked at: ${care.reason ?? 'no reason was given'}`,
      );
    },
    describe,
  );
}

function describe({ blocksTotal, harms = [], repairedBlocks = 0 }: VaultCare): string {
  const repaired = repairedBlocks === 0 ? '' : `, ${repairedBlocks} repaired`;
  const bad = harms.length === 0 ? 'all whole' : `${harms.length} damaged or missing`;
  return `${counted(blocksTotal, 'block')}${repaired}, ${bad}`;
}

/** One snapshot a line, and under it the images that stand on it. */
export function printHarmed(cares: readonly VaultCare[]): void {
  for (const { region, harmed } of cares) {
    for (const { snapshotId, blocks, reason, description, images } of harmed) {
      const what = description === '' ? '' : ` (${description})`;
      print(`${region}  ${snapshotId}${what}: ${counted(blocks, 'block')} harmed, ${reason}`);
      for (const { imageId, name } of images) print(`  image ${imageId} ${name}`);
    }
  }
}
