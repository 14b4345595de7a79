/** The image that a launch takes, or a refusal in words: who launches by program asks this. */
import { FactoryError } from '../factory-error.ts';
import { findLaunchImage } from './find-launch-image.ts';
import type { LaunchAnswer, LaunchChoice, LaunchQuestion } from './launch-answer.ts';
import type { LaunchParts } from './ways/asker.ts';

export async function resolveLaunch(factory: LaunchParts, question: LaunchQuestion): Promise<LaunchChoice> {
  return chosen(await findLaunchImage(factory, question), question);
}

/** Throws what a person can do about it where there is no image. */
export function chosen(answer: LaunchAnswer, { name, target, region }: LaunchQuestion): LaunchChoice {
  const where = `${region} of the target ${target}`;
  const { outcome } = answer;
  switch (outcome) {
    case 'image':
      return answer.choice;
    case 'revoked':
      throw new FactoryError(
        'conflict',
        `${name} is revoked (${answer.imageId}): ${answer.reason}` +
          (answer.replacement === undefined ? '' : `. Launch ${answer.replacement} in its place`),
      );
    case 'fetch':
      throw new FactoryError(
        'not-found',
        `${answer.entry} of the catalogue ${answer.catalogue} is not in ${where} yet: ` +
          `ingot catalogue fetch ${name} brings it`,
      );
    case 'build':
      throw new FactoryError(
        'not-found',
        `${name} has no image in ${where}: ingot ami build ${answer.template} makes one`,
      );
    case 'none':
      throw new FactoryError(
        'not-found',
        `Nothing in ${where} goes by '${name}': no template, image id, image name or base image. ` +
          'ingot image list and ingot template list show what there is',
      );
    default:
      return answer satisfies never;
  }
}
