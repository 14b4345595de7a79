/** The channel to the new version in every place that has it, and back. */

import type { DeploymentParts } from '../deployments/parts.ts';
import { promote } from '../registry/promote.ts';
import { channelMoves, listChannels, setChannel } from '../registry/set-channel.ts';
import type { RebuildContext } from './rebuild.ts';

const by = 'rebuild';

export async function promoteRebuilt(
  { db, now }: Pick<DeploymentParts, 'db' | 'now'>,
  context: RebuildContext,
): Promise<null> {
  const { template, target, architecture, version, promoteTo: channel, why } = context.input;
  const reference = { template: template.slug, name: version };
  const { moves } = await promote(db, {
    ...{ reference, target, architecture, channel, force: false, by, why, at: now() },
  });
  context.tell({ type: 'detail', text: `${channel} points to ${version} in ${moves.length} places` });
  return null;
}

/** Where somebody moved it since, it stays; where there was none before, it ends. */
export async function takePromotionBack(
  { db, now }: Pick<DeploymentParts, 'db' | 'now'>,
  { input, saved }: RebuildContext,
): Promise<void> {
  const { template, target, architecture, promoteTo: channel, version } = input;
  const images = new Set((saved('build')?.images ?? []).map(({ imageId }) => imageId));
  await db.write(async (tx) => {
    const channels = await listChannels(tx, { target, template: template.slug, architecture, channel });
    for (const entry of channels.filter(({ imageId }) => images.has(imageId))) {
      const { region } = entry;
      const moves = await channelMoves(tx, {
        target,
        template: template.slug,
        region,
        architecture,
        channel,
      });
      const before = moves.findLast(({ toImageId }) => toImageId === entry.imageId)?.fromImageId;
      const why = `${version} does not become ready`;
      await setChannel(tx, entry, before, { action: 'rolled-back', at: now().toISOString(), by, why });
    }
  });
}
