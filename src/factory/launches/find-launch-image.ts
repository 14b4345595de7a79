/**
 * The image that a launch takes: each way in turn, until one has it. What a person gives may name a template, an image
 * or a base image. Templates come first, since their registry knows what is revoked; copying comes last, since it waits.
 */
import { catalogueOf } from '../catalogue/named-entry.ts';
import { chosenImage } from './chosen-image.ts';
import type { LaunchAnswer, LaunchQuestion, LaunchStep } from './launch-answer.ts';
import { type Answer, type Asker, askerOf, type LaunchParts } from './ways/asker.ts';
import { byId } from './ways/by-id.ts';
import { byBase, byOthersName, byOwnName } from './ways/by-name.ts';
import { bySearch } from './ways/by-search.ts';
import { byTag } from './ways/by-tag.ts';
import { inCatalogue } from './ways/in-catalogue.ts';
import { inOtherRegion } from './ways/in-other-region.ts';
import { inRegistries } from './ways/in-registries.ts';

export async function findLaunchImage(factory: LaunchParts, question: LaunchQuestion): Promise<LaunchAnswer> {
  const asker = await askerOf(factory, question);
  const { architecture } = asker;
  const steps: LaunchStep[] = [];
  for await (const answer of ask(asker)) {
    const { way, detail, found, revoked, fetch } = answer;
    steps.push({ way, detail, found: (found ?? revoked ?? fetch) !== undefined });
    if (revoked !== undefined) {
      const { imageId, reason, replacement } = revoked;
      const next = replacement === undefined ? {} : { replacement };
      return { outcome: 'revoked', imageId, reason, ...next, steps, architecture };
    }
    if (fetch !== undefined) return { outcome: 'fetch', ...fetch, steps, architecture };
    if (found !== undefined) {
      return { outcome: 'image', choice: await chosenImage(asker, answer, found), steps, architecture };
    }
  }
  if (asker.template === undefined) return { outcome: 'none', steps, architecture };
  return { outcome: 'build', template: asker.template.slug, steps, architecture };
}

async function* ask(asker: Asker): AsyncGenerator<Answer> {
  if (/^ami-[0-9a-f]+$/.test(asker.name)) {
    yield await byId(asker);
    return;
  }
  if ((await catalogueOf(asker.factory, asker.name)) !== undefined) yield await inCatalogue(asker);
  const versions = await inRegistries(asker);
  yield* versions.filter(({ way }) => way !== 'other-region');
  const search = await bySearch(asker);
  if (search !== undefined) yield search;
  yield await byTag(asker);
  if (asker.version === undefined) {
    yield await byOwnName(asker);
    yield await byBase(asker);
    yield await byOthersName(asker);
  }
  if (asker.template?.amiConfig.fallbackStrategy === 'error') return;
  const elsewhere = versions.find(({ way, found }) => way === 'other-region' && found !== undefined);
  yield elsewhere ?? (await inOtherRegion(asker));
}
