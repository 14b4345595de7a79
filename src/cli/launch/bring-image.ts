/** An image that is elsewhere comes to where the machine shall be. */
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Stages } from '../stages.ts';
import { awaitCopy } from './await-copy.ts';
import { awaitFetch } from './await-fetch.ts';
import type { ImageQuestion, Preview } from './choose-image.ts';

/** Answers what is launched then. */
export async function bringImage(
  context: Context,
  question: ImageQuestion,
  { outcome, architecture, ami_id: imageId, region: from }: Preview,
  stages: Stages,
): Promise<string> {
  const { name, target, region } = question;
  if (outcome === 'fetch') {
    await awaitFetch(context, { name, target, region, architecture }, stages);
    return name;
  }
  if (imageId === null || from === null || from === region) return name;
  const source = { name: imageId, target, region: from, from: question.from };
  const copy = await awaitCopy(context, { ...source, regions: [region] }, stages);
  const { ami_id: copied, error } = copy.region_results[region] ?? { ami_id: null, error: copy.error };
  if (copied === null || error !== null) throw new CliError(`${imageId} could not be copied: ${error}`);
  return copied;
}
