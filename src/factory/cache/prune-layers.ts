/** Keeps the cache small: what a newer layer stands in for goes, and so does what is old. */
import type { BuildContext } from '../builds/build.ts';
import type { BuildParts } from '../builds/parts.ts';
import { deleteLayer } from './clear-layers.ts';
import { findLayers } from './layers.ts';

const maxAgeMs = 30 * 86_400_000;
/** A template's layers for one architecture in one region: several variants of it, and their latest steps. */
const mostLayers = 40;

/** Of the template that was built. Nothing of it is needed: whatever is gone is run again. */
export async function pruneLayers(parts: BuildParts, context: BuildContext): Promise<void> {
  const { input } = context;
  const target = await parts.targets.get(input.target);
  const ec2 = await target.client(input.region);
  const all = await findLayers(ec2, { region: input.region, template: input.template.slug });
  const layers = all.filter(({ architecture }) => architecture === input.architecture);
  const oldest = parts.now().getTime() - maxAgeMs;
  const seen = new Set<string>();
  for (const [position, layer] of layers.entries()) {
    const isKept = position < mostLayers && Date.parse(layer.createdAt) >= oldest && !seen.has(layer.key);
    seen.add(layer.key);
    if (!isKept) await deleteLayer(ec2, layer);
  }
}
