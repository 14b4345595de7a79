/** An image that is elsewhere comes to where the machine shall be. */
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Stages } from '../stages.ts';
import type { ImageQuestion, Preview } from './choose-image.ts';

export async function bringImage(
  _context: Context,
  question: ImageQuestion,
  preview: Preview,
  _stages: Stages,
): Promise<void> {
  if (preview.outcome === 'image' && preview.region === question.region) return;
  throw new CliError(`${preview.ami_id} is in ${preview.region}, not in ${question.region}`);
}
